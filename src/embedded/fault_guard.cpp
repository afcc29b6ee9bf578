#include "embedded/fault_guard.hpp"

#include <ucontext.h>

#include <csignal>
#include <mutex>

namespace loopstate::embedded {
namespace fault_guard {

thread_local Armed* innermost = nullptr;

namespace {

struct sigaction before_segv, before_bus;

void jump_if_armed() {
  if (Armed* const armed = innermost) siglongjmp(armed->jump, 1);
}

/// Not ours: handled as if this handler were not there.
void hand_on(int number, siginfo_t* info, void* context) {
  const struct sigaction& before = number == SIGBUS ? before_bus : before_segv;
  if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
    before.sa_sigaction(number, info, context);
    return;
  }
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(number);
    return;
  }
  // The faulting instruction runs again and ends the process. A signal sent by somebody does not recur
  // by itself.
  signal(number, SIG_DFL);
  if (info->si_code <= 0) raise(number);
}

void on_fault(int number, siginfo_t* info, void* context) {
  // A signal that somebody sent (`kill`) is not the fault of a page.
  if (info->si_code > 0 && innermost != nullptr) {
    // A handler installed above this one (a crash reporter's, a sanitizer's) may block signals while it calls
    // this one. The jump would leave them blocked, and a fault that is blocked ends the process.
    pthread_sigmask(SIG_SETMASK, &static_cast<ucontext_t*>(context)->uc_sigmask, nullptr);
    jump_if_armed();
  }
  hand_on(number, info, context);
}

void on_assertion(MDB_env*, const char*) {
  jump_if_armed();
}

}  // namespace
}  // namespace fault_guard

void install_fault_guard(MDB_env* env) {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action{};
    action.sa_sigaction = fault_guard::on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &fault_guard::before_segv);
    sigaction(SIGBUS, &action, &fault_guard::before_bus);
  });
  mdb_env_set_assert(env, fault_guard::on_assertion);
}

}  // namespace loopstate::embedded
