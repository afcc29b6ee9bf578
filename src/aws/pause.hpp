// The wait between two attempts of a call.
#pragma once

#include <chrono>

#include "loopstate/task.hpp"

namespace loopstate::aws {

/// 0 to 1, for the jitter of such waits: not for secrets. From a generator of the thread's own.
double thread_random();

/// False: the caller's cancellation came before `delay` was over.
Task<bool> sleep_for(std::chrono::milliseconds delay);

}  // namespace loopstate::aws
