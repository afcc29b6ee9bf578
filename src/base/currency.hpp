// The currencies and their smallest units, in one place for everything that reads or writes an amount.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/money.hpp"

namespace loopstate {

/// How many decimal digits the currency's smallest unit is from the major one (ISO 4217, "minor unit"):
/// 2 for EUR, 0 for JPY, 3 for KWD. Codes withdrawn since 2022 are kept, since refunds come late. Nothing for
/// codes not in the list, which includes metals and funds without a minor unit. Upper-case only.
std::optional<unsigned> currency_exponent(std::string_view code) noexcept;

/// "12.50 EUR", "1250 JPY", "1.250 KWD": the smallest unit written as is usual for the currency; for a
/// currency that is not in the list the bare number, since where its decimal point belongs is unknown.
std::string amount_text(std::uint64_t amount, std::string_view currency);
/// The same; also the bare number if the currency is unknown.
std::string amount_text(const Money& amount);

}  // namespace loopstate
