#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace loopstate {

/// Texts are nearly always plain ASCII, which is checked eight bytes at a time.
bool is_utf8(std::string_view text) noexcept {
  for (;;) {
    std::uint64_t word = 0;
    while (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080U) != 0) break;
      text.remove_prefix(sizeof word);
    }
    while (!text.empty() && static_cast<unsigned char>(text[0]) < 0x80) text.remove_prefix(1);
    if (text.empty()) return true;
    const auto point = first_code_point(text);
    if (!point) return false;
    text.remove_prefix(point->bytes);
  }
}

}  // namespace loopstate
