#include "store/rules/wait.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>

#include "base/fork.hpp"
#include "crypto/hash.hpp"
#include "store/rules/begin_once.hpp"

namespace loopstate::store {
namespace {

thread_local bool is_ending = false;

struct LoopHolder {
  LoopHolder() = default;
  ~LoopHolder() { is_ending = true; }
  LoopHolder(const LoopHolder&) = delete;
  LoopHolder& operator=(const LoopHolder&) = delete;

  std::unique_ptr<ThreadLoop> loop = std::make_unique<ThreadLoop>();
};

std::atomic<bool> program_is_ending = false;

/// OpenSSL cleans up when the program exits, and no call may come after that. It is initialised first, so
/// that this runs before.
void watch_for_the_programs_end() {
  static const bool watching = [] {
    crypto::sha256("");
    return std::atexit([] { program_is_ending = true; }) == 0;
  }();
  static_cast<void>(watching);
}

}  // namespace

ThreadLoop::ThreadLoop() : generation(fork_generation()) {}

ThreadLoop& this_threads_loop() {
  thread_local LoopHolder holder;
  auto& loop = holder.loop;
  if (loop->generation != fork_generation()) {
    // The kernel's part of it is the parent's: only one of the two would get what wakes the other. Not
    // destroyed, since what is waiting on it belongs to the parent as well.
    static_cast<void>(loop.release());
    loop = std::make_unique<ThreadLoop>();
  }
  return *loop;
}

bool is_this_thread_ending() noexcept {
  return is_ending;
}

void begin_once() {
  watch_for_the_programs_end();
  static_cast<void>(fork_generation());
}

Result<void> check_programs_end() {
  if (program_is_ending) {
    return fail(ErrorCode::Unavailable, "the program is ending, and its stores take no more calls");
  }
  watch_for_the_programs_end();
  return {};
}

}  // namespace loopstate::store
