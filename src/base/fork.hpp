// Whether this process is a copy of the one that a thing was made in.
#pragma once

#include "loopstate/error.hpp"

namespace loopstate {

/// Grows with each fork() that this process is a child of, counted from the first call: what remembers it and
/// finds another one later is the parent's as well. Thread-safe.
unsigned fork_generation() noexcept;

/// Of a store that was opened: its file and its connections are not a child's to use. Thread-safe.
class ForkGuard {
 public:
  /// StorageFailure in a child of the process that made this.
  Result<void> check() const;

 private:
  unsigned generation_ = fork_generation();
};

}  // namespace loopstate
