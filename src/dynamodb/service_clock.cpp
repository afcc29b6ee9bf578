#include "dynamodb/service_clock.hpp"

#include <algorithm>
#include <cstdlib>

namespace loopstate::dynamodb {

namespace {

constexpr UnixSeconds kWrong = 120;   // from here on a clock is corrected
constexpr UnixSeconds kRight = 60;    // and no longer, once it is as right as that
constexpr UnixSeconds kFollowed = 5;  // a correction that is off by less stays

constexpr UnixSeconds kEarliest = 1'735'689'600;  // 2025-01-01
constexpr UnixSeconds kLatest = 4'102'444'800;    // 2100-01-01

}  // namespace

bool is_believable(const Sighting& seen, UnixSeconds signed_offset, Evidence evidence) noexcept {
  if (seen.date < kEarliest || seen.date >= kLatest) return false;
  if (evidence == Evidence::RefusedForTime) return true;
  const auto is_near = [&](UnixSeconds offset) {
    return seen.date >= seen.sent_at + offset - kSignatureTolerance &&
           seen.date <= seen.received_at + offset + kSignatureTolerance;
  };
  return is_near(signed_offset) || is_near(0);
}

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
