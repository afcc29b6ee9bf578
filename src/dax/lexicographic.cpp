#include "dax/lexicographic.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "dax/number.hpp"
#include "table/number.hpp"

namespace loopstate::dax {
namespace {

// The header: how far the point is from the first digit, in one byte if it is near.
constexpr int kNearMin = -62;
constexpr int kNearMax = 61;
constexpr unsigned kZero = 0x80;
constexpr unsigned kMinusZero = 0x7f;
constexpr unsigned kPositive = 0xc0;
constexpr unsigned kNegative = 0x3f;
constexpr unsigned kPositiveFar = 0xfe;   // above
constexpr unsigned kPositiveTiny = 0x81;  // below
constexpr unsigned kNegativeFar = 0x01;
constexpr unsigned kNegativeTiny = 0x7e;

// Then three digits in each ten bits, and how many of the last three are digits.
constexpr unsigned kGroupDigits = 3;
constexpr unsigned kGroupBits = 10;
constexpr unsigned kGroupOffset = 12;
constexpr unsigned kGroupMax = 999;
constexpr unsigned kAllOnes = 1023;

constexpr std::size_t kBytesMax = 64;  // 38 digits take 19, and 126 take 57

std::uint32_t far_word(std::int32_t exponent, bool negative) {
  return static_cast<std::uint32_t>(exponent) ^ (negative ? 0x7fff'ffffu : 0x8000'0000u);
}

void append_header(std::string& out, std::int32_t exponent, bool negative) {
  if (exponent >= kNearMin && exponent <= kNearMax) {
    out += static_cast<char>(negative ? static_cast<int>(kNegative) - exponent
                                      : static_cast<int>(kPositive) + exponent);
    return;
  }
  const bool above = exponent > kNearMax;
  const unsigned header =
      negative ? (above ? kNegativeFar : kNegativeTiny) : (above ? kPositiveFar : kPositiveTiny);
  out += static_cast<char>(header);
  const std::uint32_t word = far_word(exponent, negative);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift);
}

/// Packs ten-bit numbers, starting from the high end.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}
  void put(unsigned value) {
    bits_ = bits_ << kGroupBits | value;
    for (count_ += kGroupBits; count_ >= 8; count_ -= 8) out_ += static_cast<char>(bits_ >> (count_ - 8));
  }
  void finish() {
    if (count_ > 0) out_ += static_cast<char>(bits_ << (8 - count_));
  }

 private:
  std::string& out_;
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
};

/// The exponent, leaving the bytes after it; nothing if the header is not that of a nonzero number.
std::optional<std::int32_t> read_header(std::string_view& bytes, bool negative) {
  const auto header = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  const bool is_far =
      header == kPositiveFar || header == kPositiveTiny || header == kNegativeFar || header == kNegativeTiny;
  if (!is_far) {
    if (header == 0x00 || header == 0xff) return std::nullopt;
    return negative ? static_cast<int>(kNegative) - header : header - static_cast<int>(kPositive);
  }
  if (bytes.size() < sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t word = 0;
  for (std::size_t at = 0; at < sizeof word; ++at) word = word << 8 | static_cast<unsigned char>(bytes[at]);
  bytes.remove_prefix(sizeof word);
  return static_cast<std::int32_t>(word ^ (negative ? 0x7fff'ffffu : 0x8000'0000u));
}

/// The digits, to the end of the bytes; nothing if they do not end as they should.
std::optional<std::string> read_digits(std::string_view bytes, bool negative) {
  std::string digits;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    count += 8;
    bytes.remove_prefix(1);
    if (count < kGroupBits) continue;
    count -= kGroupBits;
    unsigned group = bits >> count & kAllOnes;
    bits &= (1u << count) - 1;
    if (negative) group = kAllOnes - group;
    if (group < kGroupDigits) {
      // The end: the rest of the last byte must be empty.
      if (digits.empty() || bits != 0 || !bytes.empty()) return std::nullopt;
      digits.resize(digits.size() - kGroupDigits + group + 1);
      return digits;
    }
    if (group < kGroupOffset || group > kGroupOffset + kGroupMax) return std::nullopt;
    digits += fmt::format("{:03}", group - kGroupOffset);
  }
  return std::nullopt;
}

std::unexpected<Error> no_number() {
  return fail(ErrorCode::ProtocolError, "a key's bytes are not those of a number");
}

}  // namespace

std::string lexicographic(const table::Number& number) {
  const Digits parts = significant_digits_of(number);
  if (parts.digits.empty()) return std::string(1, static_cast<char>(kZero));
  std::string out;
  append_header(out, parts.exponent + static_cast<std::int32_t>(parts.digits.size()), parts.negative);
  BitWriter writer(out);
  const auto put = [&](unsigned value) { writer.put(parts.negative ? kAllOnes - value : value); };
  unsigned real = 0;
  for (std::size_t at = 0; at < parts.digits.size(); at += kGroupDigits) {
    unsigned group = 0;
    real = 0;
    for (std::size_t digit = at; digit < at + kGroupDigits; ++digit) {
      group *= 10;
      if (digit >= parts.digits.size()) continue;
      group += static_cast<unsigned>(parts.digits[digit] - '0');
      ++real;
    }
    put(group + kGroupOffset);
  }
  put(real - 1);
  writer.finish();
  return out;
}

Result<table::Number> parse_lexicographic(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kBytesMax) return no_number();
  const auto header = static_cast<unsigned char>(bytes.front());
  if (header == kZero || header == kMinusZero) return table::Number();
  const bool negative = header < kMinusZero;
  const auto exponent = read_header(bytes, negative);
  if (!exponent) return no_number();
  const auto digits = read_digits(bytes, negative);
  if (!digits) return no_number();
  const auto number = table::parse_number(fmt::format("{}.{}E{}", negative ? "-" : "", *digits, *exponent));
  if (!number) return no_number();
  return *number;
}

}  // namespace loopstate::dax
