// A fault inside LMDB becomes an error of the call. LMDB trusts the pages that it maps: on a damaged one it
// follows wild addresses or asserts, and a page that the file no longer has kills whoever touches it.
#pragma once

#include <lmdb.h>

#include <csetjmp>

namespace loopstate::embedded {

/// Installs the handlers of SIGSEGV and SIGBUS (once in a process; what was installed before gets every
/// signal that is not ours) and gives the environment's assertions to the guard. Thread-safe.
void install_fault_guard(MDB_env* env);

/// The answer of what faulted. Not one of LMDB's own: after those it knows what it did.
inline constexpr int kFault = -30500;

namespace fault_guard {

struct Armed {
  sigjmp_buf jump;
  Armed* outer;
};
// Found by a signal handler, so that it must need no allocation.
extern thread_local Armed* innermost __attribute__((tls_model("initial-exec")));

}  // namespace fault_guard

/// Runs `work`, which does nothing but call LMDB or read what it has mapped; its answer, or kFault when that
/// faulted. The jump out of it runs no destructor: `work` has none to run. What LMDB held then (memory; in
/// a write also its lock and the transaction) is in no state to be used or given back.
template <typename Work>
int guarded(Work work) {
  fault_guard::Armed armed;
  armed.outer = fault_guard::innermost;
  // The handlers leave the signal mask as it is, so that there is none to save: a system call less.
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
