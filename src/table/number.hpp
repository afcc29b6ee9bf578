// DynamoDB's numbers: decimals of at most 38 significant digits, compared and added exactly.
#pragma once

#include <compare>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::table {

/// Takes what the service takes ("-12", "1.50", "1e3", "+7") and gives its one canonical text ("1000", "1.5";
/// plain digits, never an exponent, up to 126 of them before the point). InvalidArgument for anything else,
/// more than 38 significant digits, or a magnitude outside 1E-130 to 9.99E+125.
Result<Number> parse_number(std::string_view text);

/// Whether parse_number would return exactly this text.
bool is_canonical(const Number& number) noexcept;

/// By value. Both are canonical.
std::strong_ordering compare(const Number& left, const Number& right);

/// The exact sum; InvalidArgument if it has more than 38 significant digits.
Result<Number> add(const Number& left, const Number& right);

}  // namespace loopstate::table
