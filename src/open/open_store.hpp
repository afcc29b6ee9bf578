// Store::open with an environment that the caller supplies.
#pragma once

#include "loopstate/store.hpp"

namespace loopstate {

/// The same store and errors as Store::open; what the engine looks up (regions, credentials, endpoints) comes
/// from `environment`.
Result<Store> open_store(const Settings& settings, OpenMode mode, const Environment& environment,
                         const Clock& clock = system_clock());

}  // namespace loopstate
