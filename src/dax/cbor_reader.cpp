#include "dax/cbor_reader.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/utf8.hpp"
#include "dax/cbor_scanner.hpp"

namespace loopstate::dax::cbor {
namespace {

constexpr unsigned kIndefinite = 31;
constexpr unsigned kFalse = 20;
constexpr unsigned kTrue = 21;
constexpr unsigned kNullValue = 22;
constexpr unsigned kHalf = 25;
constexpr unsigned kDouble = 27;

Kind kind_of(Major major, unsigned low) noexcept {
  if (major != Major::Simple) {
    static constexpr std::array<Kind, 7> kKinds = {Kind::Unsigned, Kind::Negative, Kind::Bytes, Kind::Text,
                                                   Kind::Array,    Kind::Map,      Kind::Tag};
    const bool counted = major == Major::Array || major == Major::Map;
    if (low > kDouble && !(low == kIndefinite && counted)) return Kind::Unknown;
    return kKinds.at(static_cast<std::size_t>(major));
  }
  if (low == kFalse || low == kTrue) return Kind::Boolean;
  if (low == kNullValue) return Kind::Null;
  if (low >= kHalf && low <= kDouble) return Kind::Float;
  return low == kIndefinite ? Kind::Break : Kind::Unknown;
}

double half_precision(std::uint64_t bits) {
  const auto exponent = static_cast<int>(bits >> 10 & 0x1f);
  const auto mantissa = static_cast<double>(bits & 0x3ff);
  double value = 0;
  if (exponent == 0) {
    value = std::ldexp(mantissa, -24);
  } else if (exponent == 0x1f) {
    value =
        mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else {
    value = std::ldexp(mantissa + 1024, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  static constexpr std::array<std::string_view, 13> kNames = {"an unsigned integer",
                                                              "a negative integer",
                                                              "a byte string",
                                                              "a text",
                                                              "an array",
                                                              "a map",
                                                              "a tag",
                                                              "a boolean",
                                                              "a null",
                                                              "a float",
                                                              "a break",
                                                              "the end",
                                                              "a form of CBOR that DAX does not use"};
  return kNames.at(static_cast<std::size_t>(kind));
}

bool read_head(std::string_view bytes, Head& head) noexcept {
  head = Head();
  if (bytes.empty()) return false;
  const auto first = static_cast<unsigned char>(bytes.front());
  const auto major = static_cast<Major>(first >> 5);
  const unsigned low = first & 0x1f;
  const std::size_t count = low >= 24 && low <= kDouble ? std::size_t{1} << (low - 24) : 0;
  if (bytes.size() < 1 + count) return false;
  std::uint64_t argument = low;
  if (count > 0) argument = 0;
  for (std::size_t at = 1; at <= count; ++at) {
    argument = argument << 8 | static_cast<unsigned char>(bytes[at]);
  }
  head.kind = kind_of(major, low);
  head.size = static_cast<std::uint8_t>(1 + count);
  head.indefinite = low == kIndefinite && (head.kind == Kind::Array || head.kind == Kind::Map);
  head.argument = argument;
  head.float_bytes = head.kind == Kind::Float ? static_cast<std::uint8_t>(count) : 0;
  return true;
}

Kind Reader::peek() const noexcept {
  if (!ok() || at_end()) return Kind::End;
  Head head;
  // Cut inside a head: its first byte says enough.
  const auto first = static_cast<unsigned char>(bytes_[at_]);
  return read_head(bytes_.substr(at_), head) ? head.kind
                                             : kind_of(static_cast<Major>(first >> 5), first & 0x1f);
}

bool Reader::refuse(std::string_view message) {
  if (problem_.empty()) problem_ = fmt::format("{} at byte {}", message, at_);
  return false;
}

bool Reader::mismatch(Kind wanted) {
  return refuse(fmt::format("expected {}, found {}", to_string(wanted), to_string(peek())));
}

bool Reader::take(Kind wanted, Head& head) {
  if (!ok()) return false;
  if (!read_head(bytes_.substr(at_), head) || head.kind != wanted) return mismatch(wanted);
  at_ += head.size;
  return true;
}

bool Reader::take_string(Kind wanted, std::string_view& content) {
  Head head;
  if (!take(wanted, head)) return false;
  if (head.argument > left()) {
    return refuse(
        fmt::format("{} of {} bytes, of which {} are present", to_string(wanted), head.argument, left()));
  }
  content = bytes_.substr(at_, static_cast<std::size_t>(head.argument));
  at_ += content.size();
  return true;
}

bool Reader::read_unsigned(std::uint64_t& value) {
  Head head;
  if (!take(Kind::Unsigned, head)) return false;
  value = head.argument;
  return true;
}

bool Reader::read_negative(std::uint64_t& n) {
  Head head;
  if (!take(Kind::Negative, head)) return false;
  n = head.argument;
  return true;
}

bool Reader::read_int64(std::int64_t& value) {
  const bool negative = peek() == Kind::Negative;
  std::uint64_t magnitude = 0;
  if (!(negative ? read_negative(magnitude) : read_unsigned(magnitude))) return false;
  if (magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return refuse("an integer of more than 63 bits");
  }
  value = static_cast<std::int64_t>(negative ? ~magnitude : magnitude);
  return true;
}

bool Reader::read_bytes(std::string_view& bytes) {
  return take_string(Kind::Bytes, bytes);
}

bool Reader::read_text(std::string_view& text) {
  if (!take_string(Kind::Text, text)) return false;
  return is_utf8(text) || refuse("a text that is not UTF-8");
}

bool Reader::read_boolean(bool& value) {
  Head head;
  if (!take(Kind::Boolean, head)) return false;
  value = head.argument == kTrue;
  return true;
}

bool Reader::read_null() {
  Head head;
  return take(Kind::Null, head);
}

bool Reader::read_float(double& value) {
  Head head;
  if (!take(Kind::Float, head)) return false;
  if (head.float_bytes == 8) {
    value = std::bit_cast<double>(head.argument);
  } else if (head.float_bytes == 4) {
    value = std::bit_cast<float>(static_cast<std::uint32_t>(head.argument));
  } else {
    value = half_precision(head.argument);
  }
  return true;
}

bool Reader::read_tag(std::uint64_t& tag) {
  Head head;
  if (!take(Kind::Tag, head)) return false;
  tag = head.argument;
  return true;
}

bool Reader::read_tag_that_is(std::uint64_t tag) {
  std::uint64_t found = 0;
  if (!read_tag(found)) return false;
  return found == tag || refuse(fmt::format("expected tag {}, found tag {}", tag, found));
}

bool Reader::begin(Kind wanted, Sequence& sequence) {
  Head head;
  if (!take(wanted, head)) return false;
  // Each element takes at least one byte, each pair two: a greater count is false, whatever follows.
  if (!head.indefinite && head.argument > left()) {
    return refuse(fmt::format("{} of {} elements in {} bytes", to_string(wanted), head.argument, left()));
  }
  sequence = Sequence{head.indefinite ? 0 : head.argument, head.indefinite};
  return true;
}

bool Reader::begin_array(Sequence& array) {
  return begin(Kind::Array, array);
}

bool Reader::begin_map(Sequence& map) {
  return begin(Kind::Map, map);
}

bool Reader::next(Sequence& sequence) {
  if (!ok()) return false;
  if (sequence.indefinite) {
    if (peek() != Kind::Break) return true;
    ++at_;
    sequence.indefinite = false;
    return false;
  }
  if (sequence.left == 0) return false;
  --sequence.left;
  return true;
}

bool Reader::begin_array_of(std::uint64_t elements) {
  Sequence array;
  if (!begin_array(array)) return false;
  if (!array.indefinite && array.left == elements) return true;
  return refuse(array.indefinite
                    ? fmt::format("expected an array of {} elements, found an indefinite one", elements)
                    : fmt::format("expected an array of {} elements, found one of {}", elements, array.left));
}

bool Reader::skip() {
  if (!ok()) return false;
  ValueScanner scanner(at_, bytes_.size());
  switch (scanner.scan(bytes_)) {
    case ValueScanner::State::Whole:
      at_ = scanner.end();
      return true;
    case ValueScanner::State::More:
      return refuse("a value that goes on past the end");
    case ValueScanner::State::Bad:
      problem_ = scanner.problem();
      return false;
  }
  return false;
}

bool Reader::finish() {
  if (!ok()) return false;
  return at_end() || refuse(fmt::format("{} bytes too many", left()));
}

}  // namespace loopstate::dax::cbor
