// How wrong this machine's clock is found to be, for whoever tells people.
#pragma once

#include "loopstate/store.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// Seconds that are added to this machine's clock, as the store's server shows it to be wrong; 0 where it is
/// right, or there is no server.
inline UnixSeconds clock_correction(const Store& store) noexcept {
  return store.table()->clock_offset();
}

}  // namespace loopstate::store
