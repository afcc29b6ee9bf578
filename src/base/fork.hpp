// Whether this process is a copy of the one in which an object was made.
#pragma once

#include "loopstate/error.hpp"

namespace loopstate {

/// Increases with each fork() that this process is a child of, counted from the first call: an object that
/// remembers one value and later finds another is the parent's as well. Thread-safe.
unsigned fork_generation() noexcept;

/// For a store that was opened: its file and its connections are not a child's to use. Thread-safe.
class ForkGuard {
 public:
  /// StorageFailure in a child of the process that made this.
  Result<void> check() const;

 private:
  unsigned generation_ = fork_generation();
};

}  // namespace loopstate
