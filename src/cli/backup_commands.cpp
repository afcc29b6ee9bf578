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
       "FILE is complete, synced and read through, or not there at all; an existing file is never replaced. "
       "It has no free\n"
       "pages, so it holds nothing that was erased. A damaged store is not backed up: the last good backup "
       "is worth more.",
       "backup loopstate-monday.db",
       {required("FILE", "Where to write; it is first built beside this under another name")},
       backup},
      {"restore",
       "Restore a store from a backup",
       "The backup is read through first. It is put in place as a whole, and only while no process has the "
       "store open.",
       "restore loopstate-monday.db",
       {required("FILE", "What 'backup' wrote"),
        flag("--replace", "Replace an existing store, whose content is lost")},
       restore},
  };
}

}  // namespace loopstate::cli
