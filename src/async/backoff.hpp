// How long to wait between two attempts.
#pragma once

#include <chrono>

namespace loopstate::async {

/// Exponential backoff with full jitter. Each failure doubles the ceiling, and the wait is drawn from zero up
/// to it, so that callers who failed together do not come back together.
struct Backoff {
  std::chrono::milliseconds base;  ///< the ceiling after the first failure
  std::chrono::milliseconds max;   ///< the maximum of the ceiling

  /// The longest wait after that many failures in a row; zero after none.
  std::chrono::milliseconds ceiling(unsigned failures) const noexcept;

  /// The wait itself. `random`, 0 to 1, comes from the caller: `jitter()`, or a value that a test chooses.
  std::chrono::milliseconds wait(unsigned failures, double random) const noexcept;
};

/// 0 to 1, drawn anew on each call, from the thread's own generator. Not for secrets.
double jitter();

}  // namespace loopstate::async
