// Numbers on the wire: integers of up to 64 bits, big integers, decimals and, from clients and servers that
// write them, floats.
#pragma once

#include <string>

#include "dax/cbor_reader.hpp"
#include "table/value.hpp"

namespace loopstate::dax {

/// A number as `digits` * 10^`exponent`, without a leading zero; zero has no digits.
struct Digits {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

/// For a canonical number: all the digits in its text, or if they are over 38 (of which at most 38 are
/// significant), without the zeros at the end.
Digits significant_digits_of(const table::Number& number);

/// `number` is canonical (table/number.hpp). An integer of at most 38 digits is written as one; a number with
/// a fraction, or with more digits, as the decimal of its significant digits.
void append_number(std::string& out, const table::Number& number);

/// Takes every form, and gives the canonical text: what the DynamoDB engine makes of the same number. More
/// than 38 significant digits, a magnitude outside the service's range, and anything that is not a number are
/// the cursor's problem.
bool read_number(cbor::Reader& reader, table::Number& number);

}  // namespace loopstate::dax
