// The command line, parsed with CLI11 according to the table of commands.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {

struct Parsed {
  const Command* command = nullptr;
  Arguments arguments;
  GlobalOptions global;
};

/// What to do, or what has already been answered (help, the version). InvalidArgument if the line makes no
/// sense.
Result<std::variant<Parsed, CommandOutput>> parse_command_line(int argc, const char* const* argv);

/// The help on a command, a group of them, or (no words) the program. The words must choose something.
std::string help_on(const std::vector<std::string>& words);

/// Whether the line asks for JSON, even if it otherwise makes no sense.
bool asks_for_json(int argc, const char* const* argv);

}  // namespace loopstate::cli
