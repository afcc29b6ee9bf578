// What happens to a signal that comes when the program is already about to end.
#pragma once

namespace loopstate::process {

/// From now until it ends by itself, SIGTERM and SIGINT do not kill this process. For a program that stops at
/// its first signal: what it then closes is closed, and its exit status is its own, even if the signal comes
/// again after the event loop has let go of its handlers (timeout(1) sends it to the child and to its group,
/// so twice).
void outlive_late_signals();

}  // namespace loopstate::process
