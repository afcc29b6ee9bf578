// user list, txn list, memory list, and capture list across users.
#include <fmt/format.h>

#include "base/currency.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/listing.hpp"
#include "cli/listing_commands.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

std::vector<std::string> user_cells(const UserEntry& entry) {
  if (entry.erased_at != Timestamp{}) {
    return {printable(entry.user.text()), time_text(entry.erased_at), "-", "-", "erased"};
  }
  std::string also = entry.has_session ? "session" : "";
  if (entry.has_location) also += also.empty() ? "location" : ", location";
  if (entry.version == 0) also += also.empty() ? "no context" : ", no context";
  return {printable(entry.user.text()), time_text(entry.touched_at), fmt::format("{}", entry.pending),
          fmt::format("{}", entry.cards), also.empty() ? "-" : also};
}

std::string user_json(const UserEntry& entry) {
  JsonObject json;
  json.text("user", entry.user.text()).time("touched_at", entry.touched_at).number("version", entry.version);
  json.number("pending", entry.pending).number("cards", entry.cards);
  json.boolean("session", entry.has_session).boolean("location", entry.has_location);
  json.boolean("erased", entry.erased_at != Timestamp{});
  return json.str();
}

Result<CommandOutput> list_users(Program& program, const Arguments& arguments) {
  TRY_OK(check_paging(arguments));
  TRY(auto call, program.begin(arguments));
  Questions questions(std::move(call.store));
  const Lines<UserEntry> lines{{"USER", "LAST TOUCHED", "PENDING", "CARDS", "ALSO"},
                               user_cells,
                               user_json,
                               "Nobody is there yet: 'loopstate context init USER' is one way to begin."};
  return list_pages(program, arguments, lines, PageOptions(),
                    [&](PageOptions options) { return program.run(questions.users(std::move(options))); });
}

std::vector<std::string> pending_cells(const PendingCapture& entry) {
  const auto& capture = entry.capture;
  return {time_text(capture.kept_until),
          amount_text(capture.amount),
          printable(capture.merchant_name.value_or(capture.merchant_id)),
          printable(entry.user.text()),
          entry.transaction ? printable(entry.transaction->text()) : "-",
          printable(capture.id)};
}

std::string pending_json(const PendingCapture& entry) {
  JsonObject json;
  json.text("user", entry.user.text()).raw("capture", to_json(entry.capture));
  json.raw("transaction", entry.transaction ? json_string(entry.transaction->text()) : "null");
  json.time("kept_until", entry.capture.kept_until);
  return json.str();
}

std::vector<std::string> payment_cells(const SeenPayment& entry) {
  const auto refunded = entry.refunded.minor_units > 0 ? amount_text(entry.refunded) : std::string("-");
  return {time_text(entry.record.processed_at), amount_text(entry.paid), refunded,
          printable(entry.record.user.text()), printable(entry.record.transaction.text())};
}

Result<CommandOutput> list_payments(Program& program, const Arguments& arguments) {
  TRY_OK(check_paging(arguments));
  TRY(auto user, optional_name<UserId>(arguments, "--user"));
  TRY(auto call, program.begin(arguments));
  Questions questions(std::move(call.store));
  const Lines<SeenPayment> lines{{"SEEN", "AMOUNT", "REFUNDED", "USER", "TRANSACTION"},
                                 payment_cells,
                                 payment_json,
                                 "No transactions have been seen, or all have been forgotten."};
  return list_pages(program, arguments, lines, PaymentsOptions().user(user), [&](PaymentsOptions options) {
    return program.run(questions.payments(std::move(options)));
  });
}

Result<CommandOutput> list_memory(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto call, program.begin(arguments));
  TRY(const auto context, program.run(call.store.fetch(user, call.options)));
  CommandOutput answer;
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : context.agent_memory) {
    if (!answer.json.empty()) answer.json += '\n';
    answer.json += JsonObject().text("key", key).raw("value", value.text()).str();
    rows.push_back({printable(key), value.text()});
  }
  answer.text =
      rows.empty() ? fmt::format("nothing is remembered about {}", printable(user.text())) : table_text(rows);
  return answer;
}

}  // namespace

std::string payment_json(const SeenPayment& seen) {
  JsonObject json;
  json.text("transaction", seen.record.transaction.text()).text("user", seen.record.user.text());
  json.number("amount_cents", seen.paid.minor_units);
  if (seen.paid.currency.known()) json.text("currency", seen.paid.currency.text());
  json.number("refunded_cents", seen.refunded.minor_units);
  json.time("processed_at", seen.record.processed_at).time("remembered_until", seen.remembered_until);
  if (seen.record.result) json.text("result", *seen.record.result);
  if (seen.record.payload_hash) json.text("payload_hash", *seen.record.payload_hash);
  return json.str();
}

Result<CommandOutput> list_all_captures(Program& program, const Arguments& arguments) {
  TRY_OK(check_paging(arguments));
  TRY(auto merchant, optional_name<MerchantId>(arguments, "--merchant"));
  TRY(const auto older_than, span(arguments, "--older-than"));
  TRY(const auto expires_within, span(arguments, "--expires-within"));
  TRY(auto call, program.begin(arguments));
  Questions questions(std::move(call.store));
  const Lines<PendingCapture> lines{{"PENDING UNTIL", "AMOUNT", "MERCHANT", "USER", "TRANSACTION", "ID"},
                                    pending_cells,
                                    pending_json,
                                    "No such capture is pending."};
  const auto filter =
      PendingOptions().merchant(merchant).older_than(older_than).expires_within(expires_within);
  return list_pages(program, arguments, lines, filter, [&](PendingOptions options) {
    return program.run(questions.pending(std::move(options)));
  });
}

std::vector<Command> listing_commands() {
  return {of_catalogue("user list", list_users),
          of_catalogue("txn list", list_payments),
          {"memory list",
           "List all that is remembered about a user",
           "With --json one document per line.",
           "memory list U1",
           {required("USER", "The user's public key or id")},
           list_memory}};
}

}  // namespace loopstate::cli
