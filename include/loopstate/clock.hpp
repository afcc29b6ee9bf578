// Time is passed in from outside, so that a test controls it.
#pragma once

#include <chrono>

namespace loopstate {

/// A point in time, in whole seconds, as every item stores it. `Timestamp{}` (1970-01-01 00:00 UTC) stands
/// for a point left out: each member that may be left out says what that means.
using Timestamp = std::chrono::sys_seconds;

/// When a call must be over. Steady, because a wall clock may jump.
using Deadline = std::chrono::steady_clock::time_point;

/// Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

/// The machine's clock; lives as long as the program.
const Clock& system_clock();

}  // namespace loopstate
