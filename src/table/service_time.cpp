#include "table/service_time.hpp"

#include <boost/asio/awaitable.hpp>
#include <utility>

namespace loopstate::table {

Timestamp ServiceTime::now() const {
  for (const auto& table : tables_) {
    if (const auto offset = table->clock_offset(); offset != offset.zero()) return clock_.now() + offset;
  }
  return clock_.now();
}

Task<Timestamp> ServiceTime::learn(Deadline deadline) const {
  for (const auto& table : tables_) {
    const Call call{clock_.now(), deadline};
    Key any{"CLOCK#", "CLOCK"};
    (void)co_await table->get(std::move(any), call);
  }
  co_return now();
}

}  // namespace loopstate::table
