// How long ago something was, though the machine slept or the process was frozen in between.
#pragma once

#include <chrono>

namespace loopstate {

/// By a clock that nobody sets, and that goes on while the machine sleeps.
std::chrono::nanoseconds since_boot() noexcept;

/// Two clocks read together. A frozen virtual machine's clock since boot may have stood still, and only the
/// wall clock, once it is corrected, shows that; a wall clock may also be set back.
struct Instant {
  std::chrono::nanoseconds since_boot{};
  std::chrono::system_clock::time_point wall;

  static Instant now() noexcept;
};

/// By the clock that shows more.
std::chrono::nanoseconds elapsed(Instant since, Instant now) noexcept;

}  // namespace loopstate
