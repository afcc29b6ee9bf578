// How long to wait between two tries.
#pragma once

#include <chrono>

namespace loopstate::async {

/// Exponential backoff with full jitter. Each failure doubles the ceiling, and the wait is drawn from zero up
/// to it, so that callers who failed together do not come back together.
struct Backoff {
  std::chrono::milliseconds base;  ///< the ceiling after the first failure
  std::chrono::milliseconds max;   ///< of the ceiling

  /// The longest wait after that many failures in a row; zero after none.
  std::chrono::milliseconds ceiling(unsigned failures) const noexcept;

  /// The wait itself. `random`, 0 to 1, is the caller's: `jitter()`, or what a test chooses.
  std::chrono::milliseconds wait(unsigned failures, double random) const noexcept;
};

/// 0 to 1, drawn anew by each call, from a generator of the thread's own. Not for secrets.
double jitter();

}  // namespace loopstate::async
