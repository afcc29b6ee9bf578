// An expired item does not exist.
#pragma once

#include <optional>

#include "loopstate/clock.hpp"
#include "table/value.hpp"

namespace loopstate::table {

/// True when `ttl` is absent, not a number, or a number above `now`.
bool is_live(const Item& item, Timestamp now);

/// The item if it is live, else nothing.
std::optional<Item> live(std::optional<Item> item, Timestamp now);

}  // namespace loopstate::table
