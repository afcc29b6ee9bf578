// UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace loopstate {

/// The code point at the start of `text` and its length in bytes; nothing when it is not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};
std::optional<CodePoint> first_code_point(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}  // namespace loopstate
