// What to do about an error: the way out, where the message says only what is wrong.
#pragma once

#include <string_view>

#include "loopstate/error.hpp"
#include "loopstate/names.hpp"

namespace loopstate::cli {

/// A sentence for a person, for errors that somebody has to act on before the same call can succeed; empty if
/// the message itself says it all.
std::string_view advice_for(ErrorCode code) noexcept;

/// For calls whose NotFound means that the user has no context: the same error, with the command that makes
/// one.
Error lead_to_init(Error error, const UserId& user);

}  // namespace loopstate::cli
