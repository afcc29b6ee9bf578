#include "dynamodb/service_clock.hpp"

#include <algorithm>
#include <cstdlib>

namespace loopstate::dynamodb {

namespace {

constexpr UnixSeconds kWrong = 120;   // from here on a clock is corrected
constexpr UnixSeconds kRight = 60;    // and no longer, once it is as right as that
constexpr UnixSeconds kFollowed = 5;  // a correction that is off by less stays

}  // namespace

UnixSeconds corrected_offset(UnixSeconds current, const Sighting& seen) noexcept {
  const UnixSeconds least = seen.date - seen.received_at;
  const UnixSeconds most = seen.date + 1 - seen.sent_at;  // a date has whole seconds
  if (least > most) return current;                       // our clock was set back in between
  const UnixSeconds slack = current == 0 ? kWrong : kFollowed;
  if (least - slack <= current && current <= most + slack) return current;
  const UnixSeconds smallest = std::clamp<UnixSeconds>(0, least, most);
  return std::llabs(smallest) <= kRight ? 0 : smallest;
}

void ServiceClock::saw(const Sighting& seen) noexcept {
  seen_at_.store(seen.received_at, std::memory_order_relaxed);
  offset_.store(corrected_offset(offset(), seen), std::memory_order_relaxed);
}

}  // namespace loopstate::dynamodb
