// A session's row: decoding it.
#pragma once

#include "loopstate/session.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// CorruptItem names the item and the field. `actions_used` is what the row's `actions_left` says, where it
/// has one.
Result<Session> session_from_row(const table::Item& row);

}  // namespace loopstate::store
