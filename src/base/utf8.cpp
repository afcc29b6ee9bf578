#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace loopstate {

namespace {

template <typename Word>
Word word_at(std::string_view text, std::size_t at) noexcept {
  Word out;
  std::memcpy(&out, text.data() + at, sizeof out);
  return out;
}

/// By words: the last one overlaps the one before.
bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  const std::size_t size = text.size();
  std::uint64_t seen = 0;
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) seen |= word_at<std::uint64_t>(text, at);
    seen |= word_at<std::uint64_t>(text, size - 8);
  } else if (size >= 4) {
    seen = word_at<std::uint32_t>(text, 0) | word_at<std::uint32_t>(text, size - 4);
  } else {
    for (const char byte : text) seen |= static_cast<unsigned char>(byte);
  }
  return (seen & kHighBits) == 0;
}

}  // namespace

/// Texts are nearly always plain ASCII, or long stretches of it.
bool is_utf8(std::string_view text) noexcept {
  if (is_ascii(text)) return true;
  for (;;) {
    while (text.size() >= 8 && is_ascii(text.substr(0, 8))) text.remove_prefix(8);
    while (!text.empty() && static_cast<unsigned char>(text[0]) < 0x80) text.remove_prefix(1);
    if (text.empty()) return true;
    const auto point = first_code_point(text);
    if (!point) return false;
    text.remove_prefix(point->bytes);
  }
}

}  // namespace loopstate
