// A location's row: decoding it.
#pragma once

#include <optional>

#include "loopstate/location.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// Nothing for a row that only remembers when the location was cleared. CorruptItem names the item and the
/// field.
Result<std::optional<Location>> location_from_row(const table::Item& row);

}  // namespace loopstate::store
