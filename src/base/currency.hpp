// The currencies and their smallest units, once for all that reads or writes an amount.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loopstate {

/// How many decimal digits the currency's smallest unit is away from the major one (ISO 4217, "minor unit"):
/// 2 for EUR, 0 for JPY, 3 for KWD. Codes withdrawn since 2022 are kept, since refunds come late. Nothing for
/// codes that are not in the list, metals and funds without a minor unit among them. Upper-case only.
std::optional<unsigned> currency_exponent(std::string_view code) noexcept;

/// "12.50 EUR", "1250 JPY", "1.250 KWD": the smallest unit written as the currency writes it; of a currency
/// that is not in the list the bare number, since where its point belongs is not known.
std::string amount_text(std::uint64_t amount, std::string_view currency);

}  // namespace loopstate
