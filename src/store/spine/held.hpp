// What a caller holds from an earlier call, and whether it may be used: one user's state must never be
// written to another.
#pragma once

#include <optional>
#include <string_view>

#include "loopstate/context.hpp"

namespace loopstate::store {

/// Whether `context` was read for this user, and still names the user.
bool is_context_of(std::string_view user, const Context& context);

/// InvalidArgument, naming `argument`, if it holds another user's state.
Result<void> check_held(std::string_view user, const std::optional<Context>& held,
                        std::string_view argument = "held");

}  // namespace loopstate::store
