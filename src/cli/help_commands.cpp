// help.
#include "base/try.hpp"
#include "cli/command_words.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/parser.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {
namespace {

Result<CommandOutput> help(Program&, const Arguments& arguments) {
  const auto& words = arguments.all("COMMAND");
  TRY_OK(check_command_words(words, GroupAlone::Allowed));
  const auto text = help_on(words);
  return CommandOutput{JsonObject().text("help", text).str(), text};
}

}  // namespace

std::vector<Command> help_commands() {
  return {{"help",
           "Explain a command, with an example",
           "Without COMMAND: all of them.",
           "help card link",
           {repeated("COMMAND", "COMMAND", "Its words", false)},
           help}};
}

}  // namespace loopstate::cli
