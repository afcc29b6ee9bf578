// What a caller holds of an earlier call, and whether it may be used: state of one user must never be written
// to another.
#pragma once

#include <optional>
#include <string_view>

#include "loopstate/context.hpp"

namespace loopstate::store {

/// Whether `context` was read as this user's, and still names the user.
bool is_context_of(std::string_view user, const Context& context);

/// InvalidArgument that names `argument` where what it holds is another user's.
Result<void> check_held(std::string_view user, const std::optional<Context>& held,
                        std::string_view argument = "held");

}  // namespace loopstate::store
