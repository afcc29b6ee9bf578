#include "base/instant.hpp"

#include <algorithm>
#include <ctime>

namespace loopstate {

std::chrono::nanoseconds since_boot() noexcept {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Instant Instant::now() noexcept {
  return {loopstate::since_boot(), std::chrono::system_clock::now()};
}

std::chrono::nanoseconds elapsed(Instant since, Instant now) noexcept {
  const std::chrono::nanoseconds wall = now.wall - since.wall;
  return std::max(now.since_boot - since.since_boot, wall);
}

}  // namespace loopstate
