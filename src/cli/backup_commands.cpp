// backup, restore.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "loopstate/backup.hpp"

namespace loopstate::cli {
namespace {

CommandOutput answer_of(const BackupReport& report, std::string_view done, const std::string& path) {
  return {JsonObject().number("items", report.items).number("bytes", report.bytes).text("file", path).str(),
          fmt::format("{} {} ({})", count_text(report.items, "item", "items"), done, printable(path))};
}

Result<CommandOutput> backup(Program& program, const Arguments& arguments) {
  TRY(const auto settings, program.settings());
  const auto& file = arguments.text("FILE");
  TRY(const auto report, back_up(settings, file));
  return answer_of(report, "backed up and read back", file);
}

Result<CommandOutput> restore(Program& program, const Arguments& arguments) {
  TRY(const auto settings, program.settings());
  const auto& file = arguments.text("FILE");
  TRY(const auto report, restore_backup(settings, file, arguments.has("--replace")));
  return answer_of(report, "restored", settings.url);
}

}  // namespace

std::vector<Command> backup_commands() {
  return {
      {"backup",
       "Copy an embedded store as it is at one moment, while others write",
       "FILE is there whole, synced and read through, or not at all; one that is there already stays. It has "
       "no "
       "free pages, so\n"
       "nothing of what was erased. A store that is damaged is not backed up: the last good backup is worth "
       "more.",
       "backup loopstate-monday.db",
       {required("FILE", "Where to; beside it a file of another name is made first")},
       backup},
      {"restore",
       "Make a backup the store",
       "The backup is read through first. The store is put in place as a whole, and only while no process "
       "has it "
       "open.",
       "restore loopstate-monday.db",
       {required("FILE", "What 'backup' wrote"),
        flag("--replace", "Put it in the place of the store that is there, which is gone then")},
       restore},
  };
}

}  // namespace loopstate::cli
