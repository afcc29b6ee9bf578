// A process that reaches its file size limit gets a signal that ends it. With the signal blocked in the
// writing thread, the write fails with EFBIG instead, which is a StorageFull.
#pragma once

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace loopstate::embedded {

/// For this thread, until destroyed. What the host program does about the signal elsewhere is unaffected.
class WithoutFileSizeSignal {
 public:
  WithoutFileSizeSignal() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGXFSZ) == 1;
    sigemptyset(&set_);
    sigaddset(&set_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~WithoutFileSizeSignal() {
    if (!was_pending_) {
      const timespec at_once{0, 0};
      sigtimedwait(&set_, nullptr, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutFileSizeSignal(const WithoutFileSizeSignal&) = delete;
  WithoutFileSizeSignal& operator=(const WithoutFileSizeSignal&) = delete;

 private:
  sigset_t set_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace loopstate::embedded
