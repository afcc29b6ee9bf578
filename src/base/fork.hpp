// Whether this process is a copy of the one that a thing was made in.
#pragma once

namespace loopstate {

/// Grows with each fork() that this process is a child of, counted from the first call: what remembers it and
/// finds another one later is the parent's as well. Thread-safe.
unsigned fork_generation() noexcept;

}  // namespace loopstate
