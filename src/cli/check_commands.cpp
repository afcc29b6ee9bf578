// check.
#include "store/spine/store_access.hpp"
#include "store/upkeep/check.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "cli/whole_store.hpp"
#include "table/service_time.hpp"

namespace loopstate::cli {
namespace {

using store::CheckCounts;
using store::CheckFinding;

// A table in which everything is wrong must not fill the memory; the counts remain right.
constexpr std::size_t kMaxListed = 10'000;

std::string finding_json(const CheckFinding& finding) {
  JsonObject json;
  json.text("kind", to_string(finding.kind)).text("item", finding.item).text("detail", finding.detail);
  return json.boolean("mended", finding.mended).str();
}

struct Listing {
  std::string json;
  std::string text;
  std::size_t listed = 0;

  void add(const CheckFinding& finding, const Style& style) {
    if (listed++ >= kMaxListed) return;
    json += (json.empty() ? "" : ",") + finding_json(finding);
    text += fmt::format("{} {}\n  {}{}\n", style.yellow(to_string(finding.kind)), printable(finding.item),
                        printable(finding.detail), finding.mended ? style.green(" (repaired)") : "");
  }
};

std::string how_to_go_on(const std::string& resume) {
  return resume.empty() ? "repeat it" : "the same command with --resume " + resume + " continues";
}

// What has been found so far is reported, too.
CommandOutput interrupted_answer(const Listing& listing, const CheckCounts& so_far,
                                 const std::string& resume) {
  CommandOutput answer;
  JsonObject json;
  json.number("items", so_far.items).number("found", so_far.findings).number("mended", so_far.mended);
  json.boolean("interrupted", true).text("resume", resume);
  answer.json = json.raw("findings", "[" + listing.json + "]").str();
  answer.text = listing.text + fmt::format("interrupted: {} checked so far; {}",
                                           count_text(so_far.items, "item", "items"), how_to_go_on(resume));
  answer.status = ExitStatus::Failed;
  return answer;
}

Result<CommandOutput> check_store(Program& program, const Arguments& arguments) {
  store::CheckOptions options;
  options.repair = arguments.has("--repair");
  TRY(const auto timeout, program.request_timeout());
  options.request_timeout = timeout;
  TRY(const auto resume, resume_cursor(arguments));
  options.resume = resume;
  auto store = program.open(OpenMode::Existing);
  if (!store) return std::unexpected(store.error());
  Listing listing;
  Progress progress("checked", arguments.has("--progress"));
  const Interruption interruption;
  auto word = arguments.optional("--resume").value_or("");
  CheckCounts so_far;
  options.between = [&](const CheckCounts& counts, const std::optional<std::string>& cursor) {
    so_far = counts;
    word = cursor ? cursor_word(*cursor) : "";
    progress.show(counts.items, std::nullopt, word);
    return interruption.check();
  };
  bool any_mendable = false, any_damaged = false;
  const table::ServiceTime clock({store::table_of(*store)});
  program.run(clock.learn(std::chrono::steady_clock::now() + options.request_timeout));
  const auto counts = program.run(store::check_table(
      *store, options, clock,
      [&](const CheckFinding& finding) {
        listing.add(finding, program.style());
        any_mendable = any_mendable || (!finding.mended && store::is_mendable(finding.kind));
        any_damaged = any_damaged || finding.kind == CheckFinding::Kind::DamagedStore;
      },
      [](const CheckCounts&) {}));
  if (!counts && counts.error().code == ErrorCode::Cancelled && interruption.came()) {
    return interrupted_answer(listing, so_far, word);
  }
  if (!counts) return std::unexpected(counts.error());
  const auto open = counts->findings - counts->mended;
  CommandOutput answer;
  JsonObject json;
  json.number("items", counts->items).number("found", counts->findings).number("mended", counts->mended);
  answer.json = json.raw("findings", "[" + listing.json + "]").str();
  if (listing.listed > kMaxListed) {
    listing.text += fmt::format("... and {} more\n", listing.listed - kMaxListed);
  }
  answer.text =
      listing.text +
      fmt::format("{} checked: {}", count_text(counts->items, "item", "items"),
                  counts->findings == 0
                      ? "all is well"
                      : fmt::format("{}, {} repaired", count_text(counts->findings, "finding", "findings"),
                                    counts->mended));
  if (any_mendable && !options.repair) {
    answer.text += "; 'loopstate check --repair' repairs what can be repaired";
  }
  if (any_damaged) {
    answer.text +=
        "; the store's file is damaged, which this command does not repair: restore a backup, or export what "
        "can be read and import it into a new store";
  }
  answer.status = open == 0 ? ExitStatus::Done : ExitStatus::Failed;
  return answer;
}

}  // namespace

std::vector<Command> check_commands() {
  return {{"check",
           "Search the whole store for what is wrong or missing",
           "Names items that cannot be read, cards without an owner's item, rings and pending captures that "
           "disagree, and what\n"
           "other programs wrote without our extra items. Status 1 if something is left to repair.",
           "check --repair",
           {flag("--repair", "Repair what can be repaired safely"),
            option("--resume", "CURSOR", "Continue where an interrupted check stopped"),
            flag("--progress", kProgressHelp)},
           check_store}};
}

}  // namespace loopstate::cli
