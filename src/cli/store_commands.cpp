// init, doctor.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/advice.hpp"
#include "cli/commands.hpp"
#include "cli/doctor_agent.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "store/spine/store_access.hpp"
#include "table/table.hpp"

namespace loopstate::cli {
namespace {

using table::Finding;

// Creating a table can take the service minutes.
constexpr std::chrono::minutes kInitTimeout{5};

Result<CommandOutput> init(Program& program, const Arguments& arguments) {
  TRY(auto options, program.call_options(arguments));
  TRY(const auto settings, program.settings());
  auto table = program.open_table(OpenMode::CreateIfMissing);
  if (!table) return std::unexpected(table.error());
  const table::Call call{system_clock().now(),
                         options.deadline().value_or(std::chrono::steady_clock::now() + kInitTimeout)};
  TRY(const auto done, program.run((*table)->initialise(call)));
  return CommandOutput{JsonObject()
                           .text("store", settings.url)
                           .boolean("created", done.created)
                           .text("detail", done.detail)
                           .str(),
                       printable(done.detail)};
}

std::string_view level_word(Finding::Level level) {
  switch (level) {
    case Finding::Level::Good:
      return "good";
    case Finding::Level::Warning:
      return "warning";
    case Finding::Level::Bad:
      break;
  }
  return "bad";
}

std::string level_text(Finding::Level level, const Style& style) {
  switch (level) {
    case Finding::Level::Good:
      return style.green("good");
    case Finding::Level::Warning:
      return style.yellow("warn");
    case Finding::Level::Bad:
      break;
  }
  return style.red("BAD ");
}

Finding bad(std::string subject, const Error& error, std::string advice) {
  return {Finding::Level::Bad, std::move(subject), error.message, std::move(advice)};
}

Finding settings_finding(const Settings& settings) {
  return {Finding::Level::Good, "settings",
          fmt::format("store {}; {} pending captures, kept for {} s; sessions live {} s", settings.url,
                      settings.store.max_pending_captures, settings.store.pending_lifetime.count(),
                      settings.store.session_lifetime.count()),
          ""};
}

std::vector<Finding> examine(Program& program, const Arguments& arguments) {
  std::vector<Finding> findings;
  const auto settings = program.settings();
  if (!settings) {
    findings.push_back(bad("settings", settings.error(), "correct the environment variable"));
    return findings;
  }
  findings.push_back(settings_finding(*settings));
  const auto table = program.open_table(OpenMode::Existing);
  std::optional<Store> store;
  if (table) store = store::store_over(*table, settings->store);
  const auto agent = examine_agent(program, store);
  findings.insert(findings.end(), agent.begin(), agent.end());
  if (!table) {
    findings.push_back(bad("store", table.error(), std::string(advice_for(table.error().code))));
    return findings;
  }
  auto options = program.call_options(arguments);
  if (!options) {
    findings.push_back(bad("arguments", options.error(), ""));
    return findings;
  }
  const table::Call call{system_clock().now(), options->deadline().value_or(std::chrono::steady_clock::now() +
                                                                            settings->store.default_timeout)};
  const auto found = program.run((*table)->diagnose(call));
  findings.insert(findings.end(), found.begin(), found.end());
  return findings;
}

Result<CommandOutput> doctor(Program& program, const Arguments& arguments) {
  CommandOutput answer;
  std::string list;
  std::vector<std::vector<std::string>> rows;
  for (const auto& finding : examine(program, arguments)) {
    JsonObject json;
    json.text("level", level_word(finding.level)).text("subject", finding.subject);
    json.text("detail", finding.detail).text("advice", finding.advice);
    list += (list.empty() ? "" : ",") + json.str();
    answer.text += fmt::format("{}  {}: {}\n", level_text(finding.level, program.style()),
                               printable(finding.subject), printable(finding.detail));
    if (!finding.advice.empty()) answer.text += fmt::format("      {}\n", printable(finding.advice));
    if (finding.level == Finding::Level::Bad) answer.status = ExitStatus::Failed;
  }
  answer.json = JsonObject()
                    .boolean("healthy", answer.status == ExitStatus::Done)
                    .raw("findings", "[" + list + "]")
                    .str();
  return answer;
}

}  // namespace

std::vector<Command> store_commands() {
  return {
      {"init",
       "Create the store; does nothing if it exists",
       "",
       "--store embedded:./shop.db init",
       {},
       init},
      {"doctor",
       "Check whether settings and store are in order, and say what to do",
       "Status 1 if something is bad.",
       "doctor",
       {},
       doctor},
  };
}

}  // namespace loopstate::cli
