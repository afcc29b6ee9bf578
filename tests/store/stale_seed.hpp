// What draws the stale states: LOOPSTATE_STALE_SEED, or 1.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace loopstate::testing {

inline std::uint64_t stale_seed() {
  const char* given = std::getenv("LOOPSTATE_STALE_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

}  // namespace loopstate::testing
