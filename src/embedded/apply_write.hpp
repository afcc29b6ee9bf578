// Decides a write and makes its changes, inside a transaction of the writer thread.
#pragma once

#include "embedded/changes.hpp"
#include "embedded/write_request.hpp"

namespace loopstate::embedded {

/// Evaluates every condition and, if all hold, makes every change; fills in the request's outcome. A
/// refused request, or one with its own error, changes nothing. Returns 0, or LMDB's code: then the
/// transaction must be given up, and may be retried from the start.
int apply_write(Changes& changes, WriteRequest& request);

}  // namespace loopstate::embedded
