// How an answer or an error leaves the program.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "loopstate/error.hpp"

namespace loopstate::cli {

ExitStatus exit_status(ErrorCode code) noexcept;

/// {"error": {"code", "message", "retryable"}}; a VersionConflict adds "current" and the "paths" that both
/// sides changed.
std::string error_json(const Error& error);

/// An answer goes to standard output, an error to standard error (as JSON: to standard output). Failing to
/// write to standard output is itself an error.
ExitStatus print(const Result<CommandOutput>& result, bool json);

/// The whole text, in as many writes as the system needs.
Result<void> write_stdout(std::string_view text);

}  // namespace loopstate::cli
