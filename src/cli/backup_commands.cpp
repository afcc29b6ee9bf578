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
  return {of_catalogue("backup", backup), of_catalogue("restore", restore)};
}

}  // namespace loopstate::cli
