#include "process/privacy.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace loopstate::process {

void keep_memory_private() noexcept {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace loopstate::process
