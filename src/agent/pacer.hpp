// Time as the agent's retries see it, so that a test waits for nothing.
#pragma once

#include <chrono>
#include <cstdint>

#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"

namespace loopstate::agent {

/// Implementations may be used from several threads.
class Pacer {
 public:
  virtual ~Pacer() = default;
  virtual Deadline now() const = 0;
  virtual Task<void> wait(std::chrono::milliseconds duration) const = 0;
  virtual std::uint64_t random() const = 0;
};

/// The machine's; lives as long as the program.
const Pacer& system_pacer();

}  // namespace loopstate::agent
