// Letters of protocols, whose case does not depend on a language.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace loopstate {

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string ascii_lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char c) { return ascii_lower(c); });
  return lowered;
}

inline bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

}  // namespace loopstate
