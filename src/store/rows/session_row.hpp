// A user's session key: `USER#{user}|SESSION`.
#pragma once

#include "loopstate/session.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// The session with what the row says beside its JSON: `actions_used` from the actions left,
/// `expires_at` the earlier of the two. CorruptItem names the item and the field.
Result<Session> session_from_row(const table::Item& row);

/// Whether the row has our attributes; one stored by the Rust crate does not. An action is spent only in
/// a row that has them.
bool is_adopted(const table::Item& row);

/// The whole row of a session whose members are filled in. `write_id` names the write that makes it.
table::Item session_row(std::string_view user, const Session& session, std::string_view write_id);

/// Gives a row that lacks our attributes what authorising needs, if it is still exactly the one that was
/// seen. `left`: the actions that are left then. `spends`: those that the row remembers.
table::UpdateItem adoption(const table::Item& row, const Session& session, std::uint64_t left,
                           std::string_view write_id, table::List spends);

/// The session's scopes as the set that is stored; nothing if there are none, since a set is never empty.
std::optional<table::Value> scope_set(const Session& session);

}  // namespace loopstate::store
