// The same work many times, a few at once.
#pragma once

#include <cstddef>
#include <functional>

#include "loopstate/task.hpp"

namespace loopstate::async {

/// Calls `work(0)` to `work(count - 1)`, at most `workers` of them at once, and returns when all have ended.
/// False: the caller was cancelled before that. `work` keeps its results where its owner finds them, and
/// itself holds what it needs, since a cancelled caller does not wait for it.
Task<bool> in_parallel(std::size_t count, std::size_t workers, std::function<Task<void>(std::size_t)> work);

}  // namespace loopstate::async
