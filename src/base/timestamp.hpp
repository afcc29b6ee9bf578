// Points in time as JSON, items and bytes hold them: seconds since 1970-01-01 UTC.
#pragma once

#include <chrono>
#include <cstdint>

#include "loopstate/clock.hpp"

namespace loopstate {

constexpr std::int64_t unix_seconds(Timestamp at) noexcept {
  return at.time_since_epoch().count();
}

constexpr Timestamp from_unix_seconds(std::int64_t seconds) noexcept {
  return Timestamp(std::chrono::seconds(seconds));
}

/// `by` later, but no later than the last point there is (`by` may be negative: then no earlier than the
/// first). For points that were read: anybody may have stored any number.
constexpr Timestamp saturating_add(Timestamp at, std::chrono::seconds by) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(unix_seconds(at), by.count(), &sum)) return from_unix_seconds(sum);
  return by.count() > 0 ? Timestamp::max() : Timestamp::min();
}

/// From `earlier` to `later`, as far as a span can express it.
constexpr std::chrono::seconds saturating_difference(Timestamp later, Timestamp earlier) noexcept {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(unix_seconds(later), unix_seconds(earlier), &difference)) {
    return std::chrono::seconds(difference);
  }
  return later > earlier ? std::chrono::seconds::max() : std::chrono::seconds::min();
}

}  // namespace loopstate
