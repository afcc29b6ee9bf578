// capture add, list, settle.
#include <fmt/format.h>

#include "base/currency.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/json_output.hpp"
#include "cli/listing.hpp"
#include "cli/listing_commands.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "json/array.hpp"

namespace loopstate::cli {
namespace {

Result<CommandOutput> add(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto transaction, optional_name<TransactionId>(arguments, "--txn"));
  CommandOutput answer;
  TRY(auto capture, read_capture(arguments, answer.notes));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto outcome, program.run(call.store.add_capture(
                              user, capture, AddCaptureOptions(call.options).transaction(transaction))));
  JsonObject json;
  json.text("user", user.text()).boolean("first", outcome.added() != nullptr);
  if (const auto* seen = outcome.seen_before()) {
    json.text("id", seen->capture_id).raw("dropped", "[]").number("version", seen->version.value_or(0));
    answer.text = "that transaction was seen before; nothing was added";
    answer.status = ExitStatus::Refused;
  } else {
    const auto& added = *outcome.added();
    json.text("id", added.capture.id)
        .raw("dropped", json::array(added.dropped))
        .number("version", added.version);
    answer.text = capture_text(added.capture) + "\n";
    for (const auto& dropped : added.dropped)
      answer.text += fmt::format("dropped: {}\n", capture_text(dropped));
  }
  answer.json = json.str();
  return answer;
}

std::string ended_json(const EndedCapture& entry) {
  JsonObject json;
  json.text("id", entry.id).text("ending", to_string(entry.ending)).time("ended_at", entry.ended_at);
  json.text("merchant_id", entry.merchant_id).number("amount_cents", entry.amount.minor_units);
  if (entry.amount.currency.known()) json.text("currency", entry.amount.currency.text());
  return json.number("refunded_cents", entry.refunded.minor_units).str();
}

std::vector<std::string> ended_cells(const EndedCapture& entry) {
  return {time_text(entry.ended_at), std::string(to_string(entry.ending)), amount_text(entry.amount),
          printable(entry.merchant_id), printable(entry.id)};
}

Result<CommandOutput> list_ended(Program& program, const Arguments& arguments) {
  TRY_OK(check_paging(arguments));
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto call, program.begin(arguments));
  Questions questions(std::move(call.store));
  const Lines<EndedCapture> lines{
      {"ENDED", "HOW", "AMOUNT", "MERCHANT", "ID"},
      ended_cells,
      ended_json,
      fmt::format("no capture of {} was settled or dropped in the last 100 days", printable(user.text()))};
  return list_pages(program, arguments, lines, PageOptions(), [&](PageOptions options) {
    return program.run(questions.ended(user, std::move(options)));
  });
}

// Which of the three lists is meant; the options of another one are a mistake.
Result<void> check_list(const Arguments& arguments) {
  const bool all = arguments.has("--all");
  if (all == arguments.has("USER")) {
    return fail(ErrorCode::InvalidArgument, all ? "capture list takes either USER or --all, not both"
                                                : "capture list: whose? Name a USER, or list --all users'");
  }
  if (all && arguments.has("--ended")) {
    return fail(ErrorCode::InvalidArgument, "--ended goes with a USER, not with --all");
  }
  for (const auto* option : {"--merchant", "--older-than", "--expires-within"}) {
    if (all || !arguments.has(option)) continue;
    return fail(ErrorCode::InvalidArgument, fmt::format("{} goes with --all", option));
  }
  for (const auto* option : {"--limit", "--after", "--stale", "--read-units"}) {
    if (all || arguments.has("--ended") || !arguments.has(option)) continue;
    return fail(ErrorCode::InvalidArgument, fmt::format("{} goes with --all or --ended", option));
  }
  return {};
}

Result<CommandOutput> list_captures(Program& program, const Arguments& arguments) {
  TRY_OK(check_list(arguments));
  if (arguments.has("--all")) return list_all_captures(program, arguments);
  if (arguments.has("--ended")) return list_ended(program, arguments);
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto captures, program.run(call.store.list_captures(call.user, call.options)));
  return CommandOutput{json::array(captures), captures.empty() ? fmt::format("{} has no pending captures",
                                                                             printable(call.user.text()))
                                                               : captures_text(captures)};
}

Result<CommandOutput> settle(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto capture,
      program.run(call.store.settle_capture(call.user, arguments.text("ID"), call.options)));
  return CommandOutput{to_json(capture), "settled: " + capture_text(capture)};
}

}  // namespace

std::vector<Command> capture_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {of_catalogue("capture add", add), of_catalogue("capture list", list_captures),
          of_catalogue("capture settle", settle)};
}

}  // namespace loopstate::cli
