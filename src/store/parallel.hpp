// The same work many times, a few at once.
#pragma once

#include <cstddef>
#include <functional>

#include "loopstate/task.hpp"

namespace loopstate::store {

/// Calls `work(0)` to `work(count - 1)`, at most `workers` of them at once, and returns when all have ended.
/// `work` keeps its results where its owner finds them; what it needs it holds itself, for a cancelled caller
/// does not wait for it.
Task<void> in_parallel(std::size_t count, std::size_t workers, std::function<Task<void>(std::size_t)> work);

}  // namespace loopstate::store
