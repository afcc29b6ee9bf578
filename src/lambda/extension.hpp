// The internal extension: without one, Lambda kills the process without a signal.
// Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html, version 2020-01-01.
#pragma once

#include <functional>
#include <memory>

#include "http/client/client.hpp"
#include "log/log.hpp"
#include "loopstate/task.hpp"

namespace loopstate::lambda {

/// Registers for no event at all, and then waits for one, which never comes: in return Lambda sends SIGTERM.
/// Calls `registered` once, when Lambda answered or failed to within a second: registering is only possible
/// in the init phase, so the first event must not be asked for earlier. Failures become a line in the log.
Task<void> run_extension(std::shared_ptr<http::Transport> transport, log::Logger log,
                         std::function<void()> registered);

}  // namespace loopstate::lambda
