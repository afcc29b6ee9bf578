// Where a user is: `USER#{user}|LOCATION`. A row without a merchant says when the user left.
#pragma once

#include <optional>
#include <string_view>

#include "loopstate/location.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// Nothing if the user has left. CorruptItem names the item and the field.
Result<std::optional<Location>> location_from_row(const table::Item& row);

/// No `merchant`: left at `time`.
table::Item location_row(std::string_view user, const std::optional<std::string>& merchant, Timestamp time,
                         Timestamp expires_at);

}  // namespace loopstate::store
