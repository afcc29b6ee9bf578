// The JSON documents that a command takes.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/session.hpp"

namespace loopstate::cli {

// Each from FILE. InvalidArgument names the field. A member that looks like a slip in another one's name is
// refused; about any other unknown one there is a note.

Result<Context> read_context(const Arguments& arguments);
/// created_at, expires_at and actions_used are set by the store if they are missing.
Result<Session> read_session(const Arguments& arguments, std::vector<std::string>& notes);
/// created_at and expires_at are set by the store if they are missing. An id is ignored: the store sets it.
Result<Capture> read_capture(const Arguments& arguments, std::vector<std::string>& notes);

}  // namespace loopstate::cli
