// erase.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/erase_preview.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "cli/whole_store.hpp"

namespace loopstate::cli {
namespace {

// Reports progress, and if it ends early, how to continue.
Result<EraseReceipt> erase_watched(Program& program, OpenedForUser& call, EraseOptions how, bool wanted) {
  Progress progress("looked at", wanted);
  const Interruption interruption;
  auto resume = how.resume() ? cursor_word(*how.resume()) : std::string();
  std::size_t transactions = 0;
  how.progress([&](const EraseProgress& so_far) -> Result<void> {
    resume = cursor_word(so_far.cursor);
    transactions = so_far.receipt.scan->transactions_removed;
    progress.show(so_far.items, std::nullopt, resume);
    return interruption.check();
  });
  const bool scan = how.scans();
  auto receipt = program.run(call.store.erase_user(call.user, std::move(how)));
  if (receipt || !scan) return receipt;
  const auto code = receipt.error().code;
  const bool did_nothing =
      code == ErrorCode::NotFound || code == ErrorCode::InvalidArgument || code == ErrorCode::RequestIdReused;
  if (did_nothing) return receipt;
  return std::unexpected(with_advice(
      std::move(receipt.error()),
      resume.empty()
          ? std::string("repeating it is harmless")
          : fmt::format("{} removed by the scan so far; the same command with --resume {} continues",
                        count_text(transactions, "transaction", "transactions"), resume)));
}

Result<ErasePreview> preview(Program& program, const OpenedForUser& call, bool scan, bool progress_wanted) {
  TRY(const auto timeout, program.request_timeout());
  Progress progress("looked at", progress_wanted);
  const Interruption interruption;
  return program.run(
      preview_erasure(call.store, call.user, scan, timeout, [&](std::uint64_t items) -> Result<void> {
        progress.show(items);
        return interruption.check();
      }));
}

Result<CommandOutput> dry_run(Program& program, const Arguments& arguments) {
  TRY(const auto call, program.begin_for_user(arguments));
  const bool scan = arguments.has("--scan");
  TRY(const auto counts, preview(program, call, scan, arguments.has("--progress")));
  if (counts.items() == 0) {
    return fail(ErrorCode::NotFound, fmt::format("nothing is stored about user {}", call.user.text()));
  }
  JsonObject json;
  json.text("user", call.user.text()).boolean("dry_run", true).boolean("scanned", scan);
  json.number("items", counts.items() - counts.transactions - counts.documents);
  json.number("cards", counts.cards).number("documents", counts.documents);
  json.number("captures", counts.captures).number("transactions", counts.transactions);
  json.number("unreadable", counts.unreadable);
  return CommandOutput{json.str(), fmt::format("erasing {} would remove {}{}; nothing was removed",
                                               printable(call.user.text()), counts.text(),
                                               scan ? "" : " (--scan also counts transactions seen)")};
}

// A person is asked; a script has said what it wants.
Result<void> confirm(Program& program, const OpenedForUser& call, const Arguments& arguments) {
  if (arguments.has("--yes") || isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) return {};
  TRY(const auto counts, preview(program, call, false, false));
  // Nothing is there, or only what a scan finds: the erasure itself says so.
  if (counts.items() == 0) return {};
  const auto user = printable(call.user.text());
  std::fputs(fmt::format("This removes all that is stored about {}: {}. It cannot be undone.\n"
                         "Type the user's name to go on: ",
                         user, counts.text())
                 .c_str(),
             stderr);
  std::string typed;
  std::getline(std::cin, typed);
  if (typed == call.user.text()) return {};
  return fail(ErrorCode::Cancelled, fmt::format("{} was not typed, so nothing was erased", user));
}

Result<CommandOutput> erase(Program& program, const Arguments& arguments) {
  if (arguments.has("--dry-run")) return dry_run(program, arguments);
  TRY(const auto resume, resume_cursor(arguments));
  TRY(auto call, program.begin_for_user(arguments));
  TRY_OK(confirm(program, call, arguments));
  EraseOptions how(call.options);
  how.resume(resume).scan(arguments.has("--scan") || resume.has_value());
  if (how.scans()) {
    // --timeout applies to each of its requests.
    TRY(const auto timeout, program.request_timeout());
    how.request_timeout(timeout).deadline(std::nullopt);
  }
  TRY(const auto receipt, erase_watched(program, call, std::move(how), arguments.has("--progress")));
  JsonObject json;
  json.text("user", receipt.user.text())
      .number("version", receipt.version)
      .time("erased_at", receipt.erased_at);
  json.number("items_removed", receipt.items_removed).number("cards_removed", receipt.cards_removed);
  const auto scan = receipt.scan.value_or(EraseReceipt::Scan{});
  json.boolean("scanned", receipt.scan.has_value());
  json.number("transactions_removed", scan.transactions_removed).number("unreadable", scan.unreadable);
  auto text = fmt::format("{} is erased: {} and {} removed", printable(receipt.user.text()),
                          count_text(receipt.items_removed, "item", "items"),
                          count_text(receipt.cards_removed, "card", "cards"));
  text += receipt.scan ? fmt::format(", and {} by a scan of the whole table",
                                     count_text(scan.transactions_removed, "transaction", "transactions"))
                       : "; what only a scan can find (transactions seen) is removed with --scan";
  if (scan.unreadable > 0) {
    text += fmt::format("; {} cannot be read and may be the user's: 'loopstate check' names them",
                        count_text(scan.unreadable, "item", "items"));
  }
  CommandOutput answer{json.str(), text};
  if (scan.unreadable > 0) answer.status = ExitStatus::Failed;
  return answer;
}

}  // namespace

std::vector<Command> erase_commands() {
  return {of_catalogue("erase", erase)};
}

}  // namespace loopstate::cli
