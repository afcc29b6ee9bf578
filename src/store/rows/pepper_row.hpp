// What the store knows of the pepper under which its cards are linked: `PEPPER#|CHECK`. Never the pepper.
#pragma once

#include <optional>

#include "loopstate/pepper.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// CorruptItem names the item and the field.
Result<PepperRecord> pepper_from_row(const table::Item& row);

/// Puts `next` in the place of `before`, if that still stands.
table::Put put_pepper(const std::optional<PepperRecord>& before, const PepperRecord& next);

}  // namespace loopstate::store
