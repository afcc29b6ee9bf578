// What a process that holds secrets refuses to write out.
#pragma once

namespace loopstate::process {

/// From now on a crash leaves no core file, and another process of the same user can neither attach to this
/// one nor read its memory (prctl(2), PR_SET_DUMPABLE). Debugging then requires root.
void keep_memory_private() noexcept;

}  // namespace loopstate::process
