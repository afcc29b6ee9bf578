#include "body_template.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>

namespace loopstate::demo {
namespace {

std::string iso(Timestamp time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.000Z", fmt::gmtime(time.time_since_epoch().count()));
}

std::optional<std::string> replacement(std::string_view placeholder, Timestamp now, unsigned number) {
  if (placeholder == "n") return fmt::format("{:02}", number);
  const auto space = placeholder.find(' ');
  if (space == placeholder.npos) return std::nullopt;
  const auto offset_text = placeholder.substr(space + 1);
  std::int64_t seconds = 0;
  const auto* const first = offset_text.data();
  const auto* const end = first + offset_text.size();
  const auto parsed = std::from_chars(first, end, seconds);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  const auto form = placeholder.substr(0, space);
  const auto at = now + std::chrono::seconds(seconds);
  if (form == "iso") return iso(at);
  if (form == "unix") return std::to_string(at.time_since_epoch().count());
  return std::nullopt;
}

}  // namespace

Result<std::string> expand(std::string_view text, Timestamp now, unsigned number) {
  std::string expanded;
  while (true) {
    const auto begin = text.find("{{");
    expanded += text.substr(0, begin);
    if (begin == text.npos) return expanded;
    text.remove_prefix(begin + 2);
    const auto end = text.find("}}");
    const auto placeholder = text.substr(0, end);
    const auto value = end == text.npos ? std::nullopt : replacement(placeholder, now, number);
    if (!value) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("no such placeholder: {{{{{}; expected iso, unix or n", placeholder.substr(0, 40)));
    }
    expanded += *value;
    text.remove_prefix(end + 2);
  }
}

}  // namespace loopstate::demo
