#include "table/expiry.hpp"

#include "base/timestamp.hpp"
#include "table/number.hpp"

namespace loopstate::table {

bool is_live(const Item& item, Timestamp now) {
  const Value* ttl = item.find(kTimeToLive);
  if (ttl == nullptr || ttl->number() == nullptr) return true;
  if (const auto seconds = ttl->as_int64()) return *seconds > unix_seconds(now);
  return compare(*ttl->number(), Number{std::to_string(unix_seconds(now))}) > 0;
}

std::optional<Item> live(std::optional<Item> item, Timestamp now) {
  if (item && !is_live(*item, now)) item.reset();
  return item;
}

}  // namespace loopstate::table
