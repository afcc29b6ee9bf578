#include "base/fork.hpp"

#include <pthread.h>

#include <atomic>

namespace loopstate {
namespace {

std::atomic<unsigned> forks{0};

}  // namespace

unsigned fork_generation() noexcept {
  static const int watching = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  static_cast<void>(watching);  // fails only if there is no memory for the handler
  return forks.load(std::memory_order_relaxed);
}

Result<void> ForkGuard::check() const {
  if (fork_generation() == generation_) return {};
  return fail(ErrorCode::StorageFailure,
              "this store was opened before the process forked; open it again in the child");
}

}  // namespace loopstate
