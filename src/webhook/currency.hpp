// Amounts: from the text of a number, exactly, to a currency's smallest unit.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/money.hpp"

namespace loopstate::webhook {

/// Three letters in upper case; lower case is accepted and raised. Nothing for any other text.
std::optional<Currency> currency_of(std::string_view text);

struct Amount {
  std::uint64_t value = 0;
  bool negative = false;  ///< never with a value of 0
};

/// A JSON number as an integer count of units of 10^-`exponent`, e.g. "5.44" with 2 is 544. Refused, with the
/// rest of a sentence ("has more decimal digits than ..."), if digits are left over or 64 bits are
/// too few. Uses no floating point.
std::expected<Amount, std::string> parse_amount(std::string_view number, unsigned exponent);

}  // namespace loopstate::webhook
