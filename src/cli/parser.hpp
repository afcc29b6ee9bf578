// The command line, read with CLI11 as the table of commands says.
#pragma once

#include <string>
#include <variant>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {

struct Parsed {
  const Command* command = nullptr;
  Arguments arguments;
  GlobalOptions global;
};

/// What to do, or what is already answered (help, the version). InvalidArgument where the line makes no
/// sense.
Result<std::variant<Parsed, CommandOutput>> parse_command_line(int argc, const char* const* argv);

/// Whether the line asks for JSON, even if it makes no sense otherwise.
bool asks_for_json(int argc, const char* const* argv);

}  // namespace loopstate::cli
