// How old a payment may be and still be captured, and whose clock says so.
#pragma once

#include <algorithm>
#include <cstdint>

#include "loopstate/clock.hpp"

namespace loopstate::webhook {

/// How long a payment that came by webhook is remembered: Fidel replays reach back 90 days.
inline constexpr std::chrono::seconds kMarkerLifetime = std::chrono::days(100);

/// Anything older is acknowledged and never captured.
inline constexpr std::chrono::seconds kCaptureAgeMax = kMarkerLifetime - std::chrono::days(10);

/// How long a report may be under way: Square repeats for 1 day (3 by its older documentation),
/// EventBridge for 1, and an SQS queue keeps a message for 14.
inline constexpr std::chrono::seconds kUnderWayMax = std::chrono::days(20);

enum class Age : std::uint8_t {
  Young,  ///< to be captured
  Old,    ///< its mark may be gone by now, so it might be counted again
  /// By this machine's clock it is old, but nothing else shows that this clock is right.
  Unproven
};

/// `told_at` is the time, by the clock of whoever reports the payment, at which that was said or signed;
/// `Timestamp{}` if unknown. A late event of a payment whose mark may be gone would count it
/// again, which is final; so deciding takes more than a clock that may be wrong. A reported time cannot be
/// ahead of the true time, nor far behind it: if it is far behind `now`, `now` is wrong, or this is not a
/// recent delivery. The ten days between the two constants above cover a payment that was recorded late.
constexpr Age age_of(Timestamp occurred_at, Timestamp told_at, Timestamp now) noexcept {
  if (occurred_at >= std::max(told_at, now) - kCaptureAgeMax) return Age::Young;
  return told_at >= now - kUnderWayMax ? Age::Old : Age::Unproven;
}

}  // namespace loopstate::webhook
