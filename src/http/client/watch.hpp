// A thread that watches deadlines. An event loop's own timer would cost each call two system calls and an
// iteration of the loop, for a moment that hardly ever comes.
#pragma once

#include <memory>

#include "loopstate/clock.hpp"

namespace loopstate::http {

class Watched {
 public:
  virtual ~Watched() = default;
  /// Called on the watching thread, at the requested time or later.
  virtual void tick() = 0;
};

/// Calls `tick` at `when`, if `watched` still exists, or at an earlier time requested before:
/// `tick` then requests the next. The thread starts with the first call. Thread-safe.
void call_at(Deadline when, std::weak_ptr<Watched> watched);

}  // namespace loopstate::http
