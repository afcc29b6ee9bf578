// Time and chance as retries see them, so that tests never have to wait.
#pragma once

#include <chrono>

#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"

namespace loopstate::async {

/// Implementations may be used from several threads.
class Pacer {
 public:
  virtual ~Pacer() = default;
  virtual Deadline now() const = 0;
  /// Returns early if the caller is cancelled: its next step says so.
  virtual Task<void> wait(std::chrono::milliseconds duration) const = 0;
  /// 0 to 1, for Backoff.
  virtual double random() const = 0;
};

/// The machine's; lives as long as the program.
const Pacer& system_pacer();

}  // namespace loopstate::async
