// A thread that looks at deadlines. An event loop's own timer would cost each call two system calls and a
// turn of the loop, for a moment that hardly ever comes.
#pragma once

#include <memory>

#include "loopstate/clock.hpp"

namespace loopstate::http {

class Watched {
 public:
  virtual ~Watched() = default;
  /// Called on the watching thread, at the time that was asked for or later.
  virtual void tick() = 0;
};

/// Calls `tick` at `when`, if `watched` is still there, or at the earlier time that was asked for before:
/// `tick` asks for the next. The thread starts with the first call. Thread-safe.
void call_at(Deadline when, std::weak_ptr<Watched> watched);

}  // namespace loopstate::http
