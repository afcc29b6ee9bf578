// The names that a caller supplies, each with its own type, so that one is never passed for another.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "loopstate/detail/utf8.hpp"
#include "loopstate/error.hpp"

namespace loopstate {

struct NameAccess;

namespace detail {

inline constexpr std::size_t kMaxNameBytes = 200;

enum class NameFlaw : std::uint8_t { None, Empty, TooLong, NotUtf8, ControlCharacter };

struct NameCheck {
  NameFlaw flaw = NameFlaw::None;
  std::size_t at = 0;  ///< the byte offset, for NotUtf8 and ControlCharacter
};

constexpr NameCheck examine_name(std::string_view text) noexcept {
  if (text.empty()) return {NameFlaw::Empty, 0};
  if (text.size() > kMaxNameBytes) return {NameFlaw::TooLong, 0};
  for (std::size_t at = 0; at < text.size();) {
    const auto point = first_code_point(text.substr(at));
    if (!point) return {NameFlaw::NotUtf8, at};
    if (point->value < 0x20 || (point->value >= 0x7F && point->value < 0xA0)) {
      return {NameFlaw::ControlCharacter, at};
    }
    at += point->bytes;
  }
  return {};
}

}  // namespace detail

/// A name is 1 to 200 bytes of UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F).
/// InvalidArgument says which `field` it is and what is wrong with it.
Result<void> check_name(std::string_view field, std::string_view text);

/// A name written in the program as a string literal. One that is not a valid name does not compile: the
/// compiler shows the line below that says why.
class NameLiteral {
 public:
  template <std::size_t N>
  consteval NameLiteral(const char (&literal)[N]) : text_(literal, N - 1) {  // NOLINT: implicit, for Name
    switch (detail::examine_name(text_).flaw) {
      case detail::NameFlaw::None:
        break;
      case detail::NameFlaw::Empty:
        throw "a name is not empty";
      case detail::NameFlaw::TooLong:
        throw "a name is at most 200 bytes long";
      case detail::NameFlaw::NotUtf8:
        throw "a name is valid UTF-8";
      case detail::NameFlaw::ControlCharacter:
        throw "a name has no control characters";
    }
  }

  constexpr std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

/// A checked name. `Tag::field` is how messages refer to it. One that the store hands out may be longer than
/// 200 bytes, since the Rust crate sets no bound for them; calls accept it.
///
///     const UserId user{"shopper-1"};                // a literal, checked when it is compiled
///     const Result<UserId> user = UserId::parse(text);  // text that comes from elsewhere
template <typename Tag>
class Name {
 public:
  /// Names nothing: every call refuses it with InvalidArgument. A placeholder for a name filled in later.
  Name() = default;
  explicit Name(NameLiteral literal) : text_(literal.text()) {}

  /// InvalidArgument if the text is not a name (see check_name).
  static Result<Name> parse(std::string_view text) {
    if (auto ok = check_name(Tag::field, text); !ok) return std::unexpected(std::move(ok.error()));
    return unchecked(std::string(text));
  }

  const std::string& text() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  friend struct NameAccess;  // for names from the table, which may be longer
  static Name unchecked(std::string text) {
    Name name;
    name.text_ = std::move(text);
    return name;
  }

  std::string text_;
};

struct UserTag {
  static constexpr std::string_view field = "user";
};
struct FingerprintTag {
  static constexpr std::string_view field = "fingerprint";
};
struct TransactionTag {
  static constexpr std::string_view field = "transaction";
};
struct MerchantTag {
  static constexpr std::string_view field = "merchant";
};

using UserId = Name<UserTag>;
using Fingerprint = Name<FingerprintTag>;
using TransactionId = Name<TransactionTag>;
using MerchantId = Name<MerchantTag>;

}  // namespace loopstate
