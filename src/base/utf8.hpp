// What the code points of a UTF-8 text are, and what they do to a terminal.
#pragma once

#include <string_view>

#include "loopstate/detail/utf8.hpp"

namespace loopstate {

/// Code points that change how a terminal shows what follows, or move its cursor: control characters (C0,
/// DEL, C1), line and paragraph separators, and the marks that turn the direction of writing (Unicode,
/// bidirectional formatting characters).
constexpr bool steers_a_terminal(char32_t point) noexcept {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x61C || point == 0x200E ||
         point == 0x200F || (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

bool is_utf8(std::string_view text) noexcept;

}  // namespace loopstate
