#include "loopstate/names.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace loopstate {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

}  // namespace

Result<void> check_name(std::string_view field, std::string_view text) {
  if (text.empty()) return fail(ErrorCode::InvalidArgument, fmt::format("{} is empty", field));
  if (text.size() > kMaxNameBytes) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is {} bytes long; at most {} are allowed", field,
                                                        text.size(), kMaxNameBytes));
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto point = first_code_point(text.substr(at));
    if (!point) {
      return fail(ErrorCode::InvalidArgument, fmt::format("{} is not valid UTF-8 at byte {}", field, at));
    }
    if (is_control(point->value)) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} has a control character at byte {}", field, at));
    }
    at += point->bytes;
  }
  return {};
}

}  // namespace loopstate
