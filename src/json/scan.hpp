// JSON's characters, scanned eight bytes at a time where nothing special is among them.
#pragma once

#include <cstdint>
#include <cstring>

namespace loopstate::json {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Whether a byte inside a string is neither a quote, a backslash, a control character nor outside ASCII.
constexpr bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// The first byte from `at` that is not plain, or `end`.
inline const char* skip_plain(const char* at, const char* end) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    // A byte's high bit is set if the byte is below 0x20, is the quote or the backslash, or has that bit
    // itself. (A borrow may set it for a plain byte after such a one, which only costs a look.)
    const auto low = word - kOnes * 0x20;
    const auto quote = (word ^ kOnes * '"') - kOnes;
    const auto backslash = (word ^ kOnes * '\\') - kOnes;
    if (((low | quote | backslash | word) & kHighs) != 0) break;
    at += 8;
  }
  while (at != end && is_plain(*at)) ++at;
  return at;
}

}  // namespace loopstate::json
