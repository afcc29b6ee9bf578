// man: the manual pages, printed or written where man looks for them.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/man_page.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {
namespace {

Result<void> write_page(const std::filesystem::path& folder, const std::string& name,
                        const std::string& page) {
  const auto path = folder / (name + ".1");
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << page;
  file.close();
  if (file) return {};
  return fail(ErrorCode::StorageFailure, fmt::format("cannot write {}: {}", shown(path.string()),
                                                     std::generic_category().message(errno)));
}

Result<CommandOutput> write_all(const std::string& folder) {
  TRY_OK(write_page(folder, "loopstate", man_page()));
  for (const auto& command : all_commands()) TRY_OK(write_page(folder, man_name(command), man_page(command)));
  const auto count = all_commands().size() + 1;
  return CommandOutput{JsonObject().text("folder", folder).number("pages", count).str(),
                       fmt::format("wrote {} pages into {}", count, printable(folder))};
}

Result<CommandOutput> man(Program&, const Arguments& arguments) {
  if (const auto folder = arguments.optional("--into")) return write_all(*folder);
  std::string words;
  for (const auto& word : arguments.all("COMMAND")) words += (words.empty() ? "" : " ") + word;
  std::string page;
  if (words.empty()) {
    page = man_page();
  } else {
    const auto& all = all_commands();
    const auto found =
        std::ranges::find_if(all, [&](const Command& command) { return command.words == words; });
    if (found == all.end()) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("there is no command {}; 'loopstate --help' lists them", shown(words)));
    }
    page = man_page(*found);
  }
  return CommandOutput{JsonObject().text("page", page).str(), page};
}

}  // namespace

std::vector<Command> man_commands() {
  return {{"man",
           "Print a manual page, or write all of them",
           "What it prints is for man itself: loopstate man context patch | man -l -",
           "man --into ~/.local/share/man/man1",
           {repeated("COMMAND", "WORD", "The command's words; none: the page of the whole program", false),
            option("--into", "FOLDER", "Write every page into this folder, which exists")},
           man}};
}

}  // namespace loopstate::cli
