// Places inside a context, by name: "preferences.auto_stake", "vault.cred_balance", "agent_memory.KEY".
#pragma once

#include <string>
#include <vector>

#include "loopstate/context.hpp"

namespace loopstate::store {

/// InvalidArgument names the path: it does not exist, may not be changed, or the value is of the wrong type
/// or range. NotFound: a memory key that is to be removed is not there.
Result<void> apply_change(Context& context, const ContextChange& change);

/// The paths at which the two differ; the recent events are one path, "recent_events".
std::vector<std::string> changed_paths(const Context& from, const Context& to);

}  // namespace loopstate::store
