// snapshot, erase.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "cli/whole_store.hpp"

namespace loopstate::cli {
namespace {

template <typename T>
std::string json_or_null(const std::optional<T>& value) {
  return value ? to_json(*value) : "null";
}

Result<CommandOutput> snapshot(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto all, program.run(call.store.snapshot(call.user, call.options)));
  JsonObject json;
  json.text("user", call.user.text()).boolean("erased", all.erased).raw("context", json_or_null(all.context));
  json.raw("session", json_or_null(all.session)).raw("captures", json_array(all.captures));
  json.raw("cards", json_array(all.cards)).raw("location", json_or_null(all.location));
  return CommandOutput{json.str(), snapshot_text(call.user.text(), all, program.style())};
}

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

Result<CommandOutput> erase(Program& program, const Arguments& arguments) {
  TRY(const auto resume, resume_cursor(arguments));
  TRY(auto call, program.begin_for_user(arguments));
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

std::vector<Command> user_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {
      {"snapshot",
       "Show everything about a user, as it is at one moment",
       "",
       "snapshot U1",
       {user},
       snapshot},
      {"erase",
       "Erase a user; late writers are then refused",
       "A marker stays in place of the context. Repeating an erasure that was cut off finishes it.\n"
       "A scan reads the whole store; --timeout applies to each of its requests. If interrupted, it says how "
       "to continue.",
       "erase U1 --scan",
       {user,
        flag("--scan",
             "Also scan the whole table, for transactions seen and cards that only a scan can find"),
        option("--resume", "CURSOR", "Continue a scan where an interrupted one stopped"),
        flag("--progress", kProgressHelp), option("--request-id", "ID", kRequestIdHelp)},
       erase},
  };
}

}  // namespace loopstate::cli
