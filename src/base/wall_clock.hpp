// The time of day in milliseconds: finer than Clock, and not for the rules, whose time tests control.
#pragma once

#include <chrono>
#include <cstdint>

namespace loopstate {

/// Milliseconds since 1970, UTC. May jump, as the machine's clock does.
inline std::int64_t wall_clock_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

}  // namespace loopstate
