// The recent spends of a session, in order: how a repeated spend is recognised, what its answer was,
// and how their number stays bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "table/table.hpp"

namespace loopstate::store {

/// A session's row keeps about this many recent spends.
inline constexpr std::size_t kMaxSpends = 64;
/// How many remain when the oldest are dropped.
inline constexpr std::size_t kKeptSpends = 32;

/// Adds an id after the existing spends. The row has a list of them (is_adopted).
table::Change add_spend(std::string_view id);
/// Holds while the id is not among the spends.
table::Condition not_spent(std::string_view id);

/// How many spends came after this one; nothing if it is not among them.
std::optional<std::uint64_t> spends_after(const table::Item& row, std::string_view id);

/// Removes the oldest spends from the row, unless that has been done since; no changes while there are few.
table::UpdateItem trim_spends(const table::Item& row);

}  // namespace loopstate::store
