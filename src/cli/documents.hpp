// The JSON documents that a command takes.
#pragma once

#include "cli/arguments.hpp"
#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/session.hpp"

namespace loopstate::cli {

// Each from FILE. InvalidArgument names the field.

Result<Context> read_context(const Arguments& arguments);
/// Without created_at, expires_at and actions_used these are the store's to set.
Result<Session> read_session(const Arguments& arguments);
/// Without created_at and expires_at these are the store's to set. An id is ignored: the store gives one.
Result<Capture> read_capture(const Arguments& arguments);

}  // namespace loopstate::cli
