// capture add, list, settle.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"

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
        .raw("dropped", json_array(added.dropped))
        .number("version", added.version);
    answer.text = capture_text(added.capture) + "\n";
    for (const auto& dropped : added.dropped)
      answer.text += fmt::format("dropped: {}\n", capture_text(dropped));
  }
  answer.json = json.str();
  return answer;
}

Result<CommandOutput> list_captures(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto captures, program.run(call.store.list_captures(call.user, call.options)));
  return CommandOutput{json_array(captures), captures.empty() ? fmt::format("{} has no pending captures",
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
  const auto request_id = option("--request-id", "ID", kRequestIdHelp);
  return {
      {"capture add",
       "Add a pending capture",
       "FILE must have at least merchant_id and amount_cents. A full ring drops its oldest captures and "
       "names them.\n"
       "With --txn, a transaction that was seen before adds nothing (status 4).",
       "capture add U1 capture.json --txn square:pay-1",
       {user, required("FILE", "The capture as JSON; - is standard input"),
        option("--txn", "ID", "Mark this transaction as seen in the same write"), request_id},
       add},
      {"capture list",
       "List a user's pending captures, newest first",
       "",
       "capture list U1",
       {user},
       list_captures},
      {"capture settle",
       "Remove a capture whose value has been captured",
       "",
       "capture settle U1 00000000001795575876#0f3a~1797390276",
       {user, required("ID", "The capture's id"), request_id},
       settle},
  };
}

}  // namespace loopstate::cli
