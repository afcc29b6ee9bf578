// The recent spends of a session: how a repeated spend is recognised, and how their number stays bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/core.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// A session's row keeps this many recent spends at most, but for those of calls still under way.
inline constexpr std::size_t kMaxSpends = 64;
/// How many are left when the oldest go.
inline constexpr std::size_t kKeptSpends = 32;

/// Adds the write's id to the spends. One that the caller brought does not tell its time, so that is added
/// too.
void add_spend(table::Update& update, const WriteCall& write);

bool knows_spend(const table::Item& row, std::string_view id);

/// The update that takes the oldest spends out of the row, `id` never among them; empty while they are few.
table::Update trim_spends(const table::Item& row, std::string_view id);

}  // namespace loopstate::store
