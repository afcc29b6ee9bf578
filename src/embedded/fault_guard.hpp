// A fault inside LMDB becomes an error of the call. LMDB trusts the pages that it maps: on a damaged one it
// follows wild addresses or asserts, and touching a page that the file no longer has kills the process.
#pragma once

#include <lmdb.h>

#include <csetjmp>

namespace loopstate::embedded {

/// Installs the handlers of SIGSEGV and SIGBUS (once per process; the handlers installed before get every
/// signal that is not ours) and routes the environment's assertions to the guard. Thread-safe.
void install_fault_guard(MDB_env* env);

/// The result of work that faulted. Not one of LMDB's own codes: after those, LMDB knows what it did.
inline constexpr int kFault = -30500;

namespace fault_guard {

struct Armed {
  sigjmp_buf jump;
  Armed* outer;
};
// Found by a signal handler, so it must not need an allocation.
extern thread_local Armed* innermost __attribute__((tls_model("initial-exec")));

}  // namespace fault_guard

/// Runs `work`, which does nothing but call LMDB or read what it has mapped; returns its result, or kFault if
/// it faulted. The jump out of it runs no destructors: `work` must have none to run. What LMDB held then
/// (memory; in a write also its lock and the transaction) can be neither used nor released.
template <typename Work>
int guarded(Work work) {
  fault_guard::Armed armed;
  armed.outer = fault_guard::innermost;
  // The handlers leave the signal mask unchanged, so there is none to save: one system call less.
  if (sigsetjmp(armed.jump, 0) != 0) {
    fault_guard::innermost = armed.outer;
    return kFault;
  }
  fault_guard::innermost = &armed;
  const int code = work();
  fault_guard::innermost = armed.outer;
  return code;
}

}  // namespace loopstate::embedded
