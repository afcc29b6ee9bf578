// A session as `session_data` holds it.
#pragma once

#include <string_view>

#include "loopstate/session.hpp"

namespace loopstate::store {

/// Every member that the Rust crate writes must be present. CorruptItem names the field.
Result<Session> stored_session_from_json(std::string_view text);

}  // namespace loopstate::store
