#include "webhook/signature_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace loopstate::webhook {
namespace {

constexpr std::size_t kHeaderBytesMax = 4096;
constexpr std::size_t kTimestampDigitsMax = 15;

}  // namespace

Checked<std::string_view> only_header(const Delivery& delivery, std::string_view name) {
  const auto value = delivery.headers.find(name);
  if (!value || value->empty()) {
    return refuse(RefusalKind::MissingHeader, fmt::format("header {} is missing", name));
  }
  if (const auto count = delivery.headers.count(name); count > 1) {
    return refuse(RefusalKind::MalformedHeader,
                  fmt::format("header {} appears {} times; expected once", name, count));
  }
  if (value->size() > kHeaderBytesMax) {
    return refuse(RefusalKind::MalformedHeader, fmt::format("header {} has {} bytes; expected at most {}",
                                                            name, value->size(), kHeaderBytesMax));
  }
  return *value;
}

std::optional<std::int64_t> timestamp_from(std::string_view text) noexcept {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || text.size() > kTimestampDigitsMax || !digits || text.front() == '0')
    return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace loopstate::webhook
