#include "table/service/cursor.hpp"

#include <fmt/format.h>

#include <charconv>

namespace loopstate::table::service {

std::string make_cursor(const Key& key) {
  return fmt::format("{}:{}{}", key.pk.size(), key.pk, key.sk);
}

Result<Key> read_cursor(std::string_view text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || used >= text.size() || *end != ':' || text.size() - used - 1 <= length) {
    return fail(ErrorCode::InvalidArgument, "the cursor was not issued by this table");
  }
  const std::string_view rest = text.substr(used + 1);
  return Key{std::string(rest.substr(0, length)), std::string(rest.substr(length))};
}

}  // namespace loopstate::table::service
