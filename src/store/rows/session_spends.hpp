// The recent spends of a session, in their order: how a repeated spend is recognised, what it was answered,
// and how their number stays bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "table/table.hpp"

namespace loopstate::store {

/// A session's row keeps about this many recent spends.
inline constexpr std::size_t kMaxSpends = 64;
/// How many are left when the oldest go.
inline constexpr std::size_t kKeptSpends = 32;

/// Adds an id behind the spends that are there. The row has a list of them (is_adopted).
table::Change add_spend(std::string_view id);
/// Holds while the id is not among the spends.
table::Condition not_spent(std::string_view id);

/// How many spends came after this one; nothing where it is not among them.
std::optional<std::uint64_t> spends_after(const table::Item& row, std::string_view id);

/// Takes the oldest spends out of the row, unless that was done since; without changes while they are few.
table::UpdateItem trim_spends(const table::Item& row);

}  // namespace loopstate::store
