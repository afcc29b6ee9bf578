// How old a payment may be and still be captured.
#pragma once

#include "loopstate/clock.hpp"

namespace loopstate::webhook {

/// How long a payment that came in by webhook is remembered: Fidel replays reach back 90 days.
inline constexpr UnixSeconds kMarkerLifetime = 8'640'000;

/// What is older is acknowledged and never captured.
inline constexpr UnixSeconds kCaptureAgeMax = kMarkerLifetime - 10 * 86'400;

/// A late event of a payment whose marker may be gone would count it again. The ten days between the two
/// cover a payment that was recorded late.
constexpr bool too_old_to_capture(UnixSeconds occurred_at, UnixSeconds now) noexcept {
  return occurred_at < now - kCaptureAgeMax;
}

}  // namespace loopstate::webhook
