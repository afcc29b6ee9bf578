#include "dax/cbor_writer.hpp"

#include <array>

namespace loopstate::dax::cbor {
namespace {

constexpr char kFalseByte = '\xf4';
constexpr char kTrueByte = '\xf5';
constexpr char kNullByte = '\xf6';
constexpr char kIndefiniteMap = '\xbf';
constexpr char kBreak = '\xff';

struct Head {
  std::array<char, 9> bytes{};
  std::size_t size = 0;

  std::string_view text() const { return {bytes.data(), size}; }
};

Head head_of(Major major, std::uint64_t argument) {
  // The value of the low five bits, and how many bytes follow.
  const int size_bits = argument < 24             ? -1
                        : argument <= 0xff        ? 0
                        : argument <= 0xffff      ? 1
                        : argument <= 0xffff'ffff ? 2
                                                  : 3;
  const auto type = static_cast<unsigned>(major) << 5;
  Head head;
  if (size_bits < 0) {
    head.bytes[0] = static_cast<char>(type | static_cast<unsigned>(argument));
    head.size = 1;
    return head;
  }
  head.bytes[0] = static_cast<char>(type | static_cast<unsigned>(24 + size_bits));
  const std::size_t count = std::size_t{1} << size_bits;
  for (std::size_t at = 0; at < count; ++at) {
    head.bytes[count - at] = static_cast<char>(argument >> (8 * at));
  }
  head.size = 1 + count;
  return head;
}

}  // namespace

void append_head(std::string& out, Major major, std::uint64_t argument) {
  out += head_of(major, argument).text();
}

void append_integer(std::string& out, std::int64_t value) {
  if (value >= 0) {
    append_head(out, Major::Unsigned, static_cast<std::uint64_t>(value));
  } else {
    append_head(out, Major::Negative, ~static_cast<std::uint64_t>(value));  // -1 - value
  }
}

void append_text(std::string& out, std::string_view text) {
  append_head(out, Major::Text, text.size());
  out += text;
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_head(out, Major::Bytes, bytes.size());
  out += bytes;
}

void append_array(std::string& out, std::uint64_t elements) {
  append_head(out, Major::Array, elements);
}

void append_map(std::string& out, std::uint64_t pairs) {
  append_head(out, Major::Map, pairs);
}

void append_tag(std::string& out, std::uint64_t tag) {
  append_head(out, Major::Tag, tag);
}

void append_boolean(std::string& out, bool value) {
  out += value ? kTrueByte : kFalseByte;
}

void append_null(std::string& out) {
  out += kNullByte;
}

void begin_map(std::string& out) {
  out += kIndefiniteMap;
}

void end_map(std::string& out) {
  out += kBreak;
}

void wrap_bytes(std::string& out, std::size_t begin) {
  out.insert(begin, head_of(Major::Bytes, out.size() - begin).text());
}

}  // namespace loopstate::dax::cbor
