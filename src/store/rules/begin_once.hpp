#pragma once

namespace loopstate::store {

/// Does what is done once in a process. To be called before there is anything that threads could call: a
/// child of fork() would wait for ever for what another thread was doing for the first time at that moment.
void begin_once();

}  // namespace loopstate::store
