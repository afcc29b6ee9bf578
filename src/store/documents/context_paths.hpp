// The paths of a context that a patch may name, and the paths in which two contexts differ.
#pragma once

#include <string>
#include <vector>

#include "loopstate/context.hpp"

namespace loopstate::store {

/// Sets a field of `vault` or `preferences`, or a key of `agent_memory`; without a value, restores the
/// field's default or removes the key. InvalidArgument names the path, what it takes and what was found;
/// NotFound if the key to be removed is not there. The context is unchanged after an error.
Result<void> apply_change(Context& context, const ContextChange& change);

/// The paths in which the two differ: fields by path, memory by key, unknown members by name, the recent
/// events as one. Leaves out what every write changes (version, updated_at) and what the row holds.
std::vector<std::string> changed_paths(const Context& from, const Context& to);

}  // namespace loopstate::store
