#include "dax/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "table/number.hpp"

namespace loopstate::dax {
namespace {

using cbor::Kind;
using cbor::Major;

constexpr std::size_t kDigitsMax = 38;
// 1E126, the first magnitude that is too large, has 53 bytes; a forged length causes no long division.
constexpr std::size_t kMagnitudeBytesMax = 64;

/// The digits' value, big endian, without a leading zero byte; zero is empty.
std::string magnitude_of(std::string_view digits) {
  std::string bytes;  // the last byte first
  for (const char digit : digits) {
    unsigned carry = static_cast<unsigned>(digit - '0');
    for (char& byte : bytes) {
      carry += static_cast<unsigned char>(byte) * 10u;
      byte = static_cast<char>(carry);
      carry >>= 8;
    }
    if (carry > 0) bytes.push_back(static_cast<char>(carry));
  }
  std::ranges::reverse(bytes);
  return bytes;
}

std::string digits_of(std::string_view magnitude) {
  std::string digits = "0";  // the last digit first
  for (const char byte : magnitude) {
    unsigned carry = static_cast<unsigned char>(byte);
    for (char& digit : digits) {
      carry += static_cast<unsigned>(digit - '0') * 256u;
      digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) digits.push_back(static_cast<char>('0' + carry % 10));
  }
  std::ranges::reverse(digits);
  return digits;
}

/// Subtracts one from a magnitude that is not zero.
void decrement(std::string& magnitude) {
  for (auto at = magnitude.rbegin(); at != magnitude.rend(); ++at) {
    *at = static_cast<char>(static_cast<unsigned char>(*at) - 1);
    if (static_cast<unsigned char>(*at) != 0xff) break;
  }
  if (magnitude.starts_with('\0')) magnitude.erase(0, 1);
}

/// Adds one.
void increment(std::string& magnitude) {
  for (auto at = magnitude.rbegin(); at != magnitude.rend(); ++at) {
    *at = static_cast<char>(static_cast<unsigned char>(*at) + 1);
    if (*at != 0) return;
  }
  magnitude.insert(magnitude.begin(), '\1');
}

/// If it is negative, `digits` are not all zeros.
void append_integer(std::string& out, bool negative, std::string_view digits) {
  std::string magnitude = magnitude_of(digits);
  if (negative) decrement(magnitude);  // -1 - n
  if (magnitude.size() > sizeof(std::uint64_t)) {
    cbor::append_tag(out, negative ? cbor::kTagBigNegative : cbor::kTagBigUnsigned);
    cbor::append_bytes(out, magnitude);
    return;
  }
  std::uint64_t value = 0;
  for (const char byte : magnitude) value = value << 8 | static_cast<unsigned char>(byte);
  cbor::append_head(out, negative ? Major::Negative : Major::Unsigned, value);
}

/// What is under a tag of a big integer.
bool read_big_integer(cbor::Reader& reader, std::uint64_t tag, std::string& text) {
  std::string_view bytes;
  if (tag != cbor::kTagBigUnsigned && tag != cbor::kTagBigNegative) {
    return reader.refuse(fmt::format("expected a number, found tag {}", tag));
  }
  if (!reader.read_bytes(bytes)) return false;
  if (bytes.size() > kMagnitudeBytesMax) {
    return reader.refuse(fmt::format("an integer of {} bytes, which is not a DynamoDB number", bytes.size()));
  }
  std::string magnitude(bytes);
  if (tag == cbor::kTagBigNegative) increment(magnitude);
  text = (tag == cbor::kTagBigNegative ? "-" : "") + digits_of(magnitude);
  return true;
}

/// The text of an integer in any of its forms.
bool read_integer(cbor::Reader& reader, std::string& text) {
  std::uint64_t value = 0;
  switch (reader.peek()) {
    case Kind::Unsigned:
      if (!reader.read_unsigned(value)) return false;
      text = std::to_string(value);
      return true;
    case Kind::Negative:
      if (!reader.read_negative(value)) return false;
      // -1 - n, where n + 1 may be 2^64.
      text = value == UINT64_MAX ? "-18446744073709551616" : "-" + std::to_string(value + 1);
      return true;
    default:
      return reader.read_tag(value) && read_big_integer(reader, value, text);
  }
}

bool read_decimal(cbor::Reader& reader, std::string& text) {
  std::int64_t exponent = 0;
  if (!reader.begin_array_of(2) || !reader.read_int64(exponent) || !read_integer(reader, text)) return false;
  text += fmt::format("E{}", exponent);
  return true;
}

bool read_text_of_number(cbor::Reader& reader, std::string& text) {
  if (reader.peek() == Kind::Float) {
    double value = 0;
    if (!reader.read_float(value)) return false;
    if (!std::isfinite(value)) return reader.refuse("a float that is not a number");
    text = fmt::format("{}", value);  // the shortest text that reads as the same float
    return true;
  }
  if (reader.peek() != Kind::Tag) return read_integer(reader, text);
  std::uint64_t tag = 0;
  if (!reader.read_tag(tag)) return false;
  return tag == cbor::kTagDecimal ? read_decimal(reader, text) : read_big_integer(reader, tag, text);
}

}  // namespace

Digits significant_digits_of(const table::Number& number) {
  Digits out;
  std::string_view text = number.text;
  out.negative = text.starts_with('-');
  if (out.negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  out.digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    out.digits += text.substr(point + 1);
    out.exponent = -static_cast<int>(text.size() - point - 1);
  } else if (out.digits.size() > kDigitsMax) {
    const std::size_t last = out.digits.find_last_not_of('0');
    out.exponent = static_cast<int>(out.digits.size() - last - 1);
    out.digits.resize(last + 1);
  }
  out.digits.erase(0, out.digits.find_first_not_of('0'));
  return out;
}

void append_number(std::string& out, const table::Number& number) {
  const std::string& text = number.text;
  std::int64_t small = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), small);
  if (error == std::errc() && end == text.data() + text.size()) return cbor::append_integer(out, small);

  const Digits parts = significant_digits_of(number);
  if (parts.exponent != 0) {
    cbor::append_tag(out, cbor::kTagDecimal);
    cbor::append_array(out, 2);
    cbor::append_integer(out, parts.exponent);
  }
  append_integer(out, parts.negative, parts.digits);
}

bool read_number(cbor::Reader& reader, table::Number& number) {
  std::string text;
  if (!read_text_of_number(reader, text)) return false;
  Result<table::Number> parsed = table::parse_number(text);
  if (!parsed) return reader.refuse(parsed.error().message);
  number = std::move(*parsed);
  return true;
}

}  // namespace loopstate::dax
