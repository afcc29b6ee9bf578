#include "dynamodb/service_clock.hpp"

#include <algorithm>

namespace loopstate::dynamodb {

namespace {

constexpr std::chrono::seconds kWrong = std::chrono::minutes(2);  // a clock off by this much is corrected
constexpr std::chrono::seconds kRight = std::chrono::minutes(1);  // and no longer, once it is within this
constexpr std::chrono::seconds kFollowed{5};                      // a correction that is off by less stays

constexpr Timestamp kEarliest{std::chrono::seconds{1'735'689'600}};  // 2025-01-01
constexpr Timestamp kLatest{std::chrono::seconds{4'102'444'800}};    // 2100-01-01

}  // namespace

bool is_believable(const Sighting& seen, std::chrono::seconds signed_offset, Evidence evidence) noexcept {
  if (seen.date < kEarliest || seen.date >= kLatest) return false;
  if (evidence == Evidence::RefusedForTime) return true;
  const auto is_near = [&](std::chrono::seconds offset) {
    return seen.date >= seen.sent_at + offset - kSignatureTolerance &&
           seen.date <= seen.received_at + offset + kSignatureTolerance;
  };
  return is_near(signed_offset) || is_near(std::chrono::seconds::zero());
}

std::chrono::seconds corrected_offset(std::chrono::seconds current, const Sighting& seen) noexcept {
  const std::chrono::seconds least = seen.date - seen.received_at;
  const std::chrono::seconds most =
      seen.date + std::chrono::seconds(1) - seen.sent_at;  // a date has whole seconds
  if (least > most) return current;                        // our clock was set back in between
  const std::chrono::seconds slack = current == current.zero() ? kWrong : kFollowed;
  if (least - slack <= current && current <= most + slack) return current;
  const std::chrono::seconds smallest = std::clamp(std::chrono::seconds::zero(), least, most);
  return std::chrono::abs(smallest) <= kRight ? std::chrono::seconds::zero() : smallest;
}

void ServiceClock::saw(const Sighting& seen) noexcept {
  seen_at_.store(seen.received_at, std::memory_order_relaxed);
  offset_.store(corrected_offset(offset(), seen), std::memory_order_relaxed);
}

}  // namespace loopstate::dynamodb
