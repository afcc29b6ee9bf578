// A wait that blocks nobody else.
#pragma once

#include <chrono>

#include "loopstate/task.hpp"

namespace loopstate::async {

/// Suspends the caller, not its thread. False: the caller was cancelled before `duration` was over.
Task<bool> sleep_for(std::chrono::milliseconds duration);

}  // namespace loopstate::async
