// The paths of a context that a patch may name, and the paths in which two contexts differ.
#pragma once

#include <string>
#include <vector>

#include "loopstate/context.hpp"

namespace loopstate::store {

/// Sets a field of `vault` or `preferences`, or a key of `agent_memory`; without a value puts the field's
/// default back, or removes the key. InvalidArgument names the path, what it takes and what was found;
/// NotFound when the key that is to go is not there. The context is unchanged after an error.
Result<void> apply_change(Context& context, const ContextChange& change);

/// In which the two differ: fields by their path, memory by key, unknown members by theirs, the recent events
/// as one. Not among them: what every write changes (version, updated_at) and what the row holds.
std::vector<std::string> changed_paths(const Context& from, const Context& to);

}  // namespace loopstate::store
