// Time comes in from outside, so that a test owns it.
#pragma once

#include <chrono>
#include <cstdint>

namespace loopstate {

/// Seconds since 1970-01-01 UTC, as every item stores them.
using UnixSeconds = std::int64_t;

/// When a call has to be over. Steady, because a wall clock may jump.
using Deadline = std::chrono::steady_clock::time_point;

/// Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixSeconds now() const = 0;
};

/// The machine's clock; lives as long as the program.
const Clock& system_clock();

}  // namespace loopstate
