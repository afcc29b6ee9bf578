// An amount of money, with the currency it is in.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate {

/// The code of a currency: three capital letters, as in ISO 4217. Whether ISO lists it is not checked. A
/// default-constructed one is unknown: nobody said which currency it is, as in what the Rust crate stored.
class Currency {
 public:
  constexpr Currency() = default;
  /// A literal, checked at compile time: "EUR".
  template <std::size_t N>
  consteval Currency(const char (&literal)[N]) {  // NOLINT: implicit, for {450, "EUR"}
    const std::string_view text(literal, N - 1);
    if (!is_code(text)) throw "a currency is three capital letters, as in ISO 4217";
    code_ = {text[0], text[1], text[2]};
  }
  /// Text from elsewhere. InvalidArgument if it is not three capital letters.
  static Result<Currency> parse(std::string_view text);

  constexpr bool known() const noexcept { return code_[0] != '\0'; }
  /// "EUR"; empty if the currency is unknown. Valid as long as this object.
  constexpr std::string_view text() const noexcept {
    return known() ? std::string_view(code_.data(), code_.size()) : std::string_view();
  }

  friend constexpr auto operator<=>(const Currency&, const Currency&) = default;

 private:
  static constexpr bool is_code(std::string_view text) noexcept {
    if (text.size() != 3) return false;
    for (const char c : text) {
      if (c < 'A' || c > 'Z') return false;
    }
    return true;
  }

  std::array<char, 3> code_{};
};

struct Money {
  std::uint64_t minor_units = 0;  ///< in the currency's smallest unit: cents of EUR, yen of JPY
  Currency currency{};
  friend constexpr bool operator==(const Money&, const Money&) = default;
};

}  // namespace loopstate
