// The parts of a context that the histories look at.
#pragma once

#include <string>

#include "loopstate/context.hpp"

namespace loopstate::histories {

/// JSON: version, the members that calls change, memory and events.
std::string summary(const Context& context);

}  // namespace loopstate::histories
