// Amounts: from the text of a number, exactly, to a currency's smallest unit.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace loopstate::webhook {

/// How many decimal digits the currency's smallest unit is away from the major one (ISO 4217, "minor unit"):
/// 2 for EUR, 0 for JPY, 3 for KWD. Codes withdrawn since 2022 are kept, since refunds come late. Nothing for
/// codes that are not in the list, metals and funds without a minor unit among them. Upper-case only.
std::optional<unsigned> currency_exponent(std::string_view code) noexcept;

/// Three letters in upper case; lower case is taken and raised. Nothing for any other text.
std::optional<std::string> currency_code(std::string_view text);

struct Amount {
  std::uint64_t value = 0;
  bool negative = false;  ///< never with a value of 0
};

/// A JSON number as an integer count of units of 10^-`exponent`, e.g. "5.44" with 2 is 544. Refused, with the
/// rest of a sentence ("has more decimal digits than ..."), where digits are left over or 64 bits are
/// too few. No floating point anywhere.
std::expected<Amount, std::string> parse_amount(std::string_view number, unsigned exponent);

}  // namespace loopstate::webhook
