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

/// Of a canonical number: all the digits that its text has, and where those are over 38, which no number has
/// that count, without the zeros at its end.
Digits significant_digits_of(const table::Number& number);

/// `number` is canonical (table/number.hpp). An integer of at most 38 digits is written as one; what has a
/// fraction, or more digits, as the decimal of its significant digits.
void append_number(std::string& out, const table::Number& number);

/// Takes every form, and gives the canonical text: what the DynamoDB engine makes of the same number. More
/// than 38 significant digits, a magnitude that the service has not, and what is no number, are the cursor's
/// problem.
bool read_number(cbor::Reader& reader, table::Number& number);

}  // namespace loopstate::dax
