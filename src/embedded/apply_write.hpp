// Decides a write and makes its changes, inside a transaction of the writer thread.
#pragma once

#include "embedded/changes.hpp"
#include "embedded/write_request.hpp"

namespace loopstate::embedded {

/// Evaluates every condition and, when all hold, makes every change; the request's outcome is filled in. A
/// refused request, or one with an error of its own, changes nothing. The answer is 0, or LMDB's code: then
/// the transaction has to be given up, and may be tried again from the start.
int apply_write(Changes& changes, WriteRequest& request);

}  // namespace loopstate::embedded
