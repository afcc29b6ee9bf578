// txn claim, extend, complete, release, check, mark.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/claim_row.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/core.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::cli {
namespace {

namespace attribute = store::attribute;

constexpr std::uint64_t kMaxLeaseSeconds = 86'400;
constexpr std::uint64_t kDefaultLeaseSeconds = 60;
constexpr std::size_t kMaxPayloadBytes = 64u << 20;

std::string processed_json(const ProcessedTransaction& record) {
  JsonObject json;
  json.text("transaction", record.transaction.text()).text("user_pubkey", record.user.text());
  json.number("cred_amount", record.cred_amount).time("processed_at", record.processed_at);
  if (record.payload_hash) json.text("payload_hash", *record.payload_hash);
  if (record.result) json.text("result", *record.result);
  return json.str();
}

// The text itself, "@FILE", or "-" for standard input.
Result<std::string> payload_of(const Arguments& arguments, std::string_view parameter) {
  const auto& word = arguments.text(parameter);
  if (word == "-") return read_input(parameter, word, kMaxPayloadBytes);
  if (word.starts_with('@')) return read_input(parameter, word.substr(1), kMaxPayloadBytes);
  return word;
}

LapsedPolicy policy_of(const Arguments& arguments) {
  const auto& word = arguments.text("--policy");
  if (word == "rerun") return LapsedPolicy::Rerun;
  if (word == "reconcile") return LapsedPolicy::Reconcile;
  return LapsedPolicy::Refuse;
}

// A sentence for each answer.
struct OutcomeText {
  std::string id;  // printable
  std::uint64_t fence;

  std::string operator()(const ClaimOutcome::Fresh& fresh) const {
    return fmt::format("{} is yours until {}, fence {}", id, time_text(fresh.claim.lease_until()), fence);
  }
  std::string operator()(const ClaimOutcome::InProgress& other) const {
    return fmt::format("{} is being worked on until {}, fence {}", id, time_text(other.until), fence);
  }
  std::string operator()(const ClaimOutcome::Done& done) const { return processed_text(done.record); }
  std::string operator()(const ClaimOutcome::OtherPayload&) const {
    return fmt::format("{} was claimed with another payload, fence {}", id, fence);
  }
  std::string operator()(const ClaimOutcome::Lapsed& lapsed) const {
    if (!lapsed.claim) {
      return fmt::format("the holder of {} died; by the policy it is not done again, fence {}", id, fence);
    }
    return fmt::format(
        "the holder of {} died; it is yours until {}, fence {}: check whether it happened before you act", id,
        time_text(lapsed.claim->lease_until()), fence);
  }
};

CommandOutput outcome_answer(const TransactionId& transaction, const ClaimOutcome& outcome) {
  JsonObject json;
  json.text("transaction", transaction.text())
      .text("state", to_string(outcome.state()))
      .number("fence", outcome.fence());
  const auto* granted = outcome.claim();
  if (granted) json.text("holder", granted->holder()).time("lease_until", granted->lease_until());
  if (const auto* other = outcome.in_progress()) json.time("in_progress_until", other->until);
  if (const auto* done = outcome.done())
    json.boolean("replay", true).raw("done", processed_json(done->record));
  return {json.str(), outcome.visit(OutcomeText{printable(transaction.text()), outcome.fence()}),
          granted ? ExitStatus::Done : ExitStatus::Refused};
}

Result<CommandOutput> claim(Program& program, const Arguments& arguments) {
  TRY(auto transaction, name<TransactionId>(arguments, "ID"));
  TRY(auto payload, payload_of(arguments, "PAYLOAD"));
  TRY(const auto lease, whole_number_or(arguments, "--lease", kDefaultLeaseSeconds, 1, kMaxLeaseSeconds));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto outcome,
      program.run(call.store.claim(
          transaction, payload, std::chrono::seconds(lease), policy_of(arguments),
          ClaimOptions(call.options).holder(arguments.optional("--holder").value_or("loopstate")))));
  return outcome_answer(transaction, outcome);
}

// The parts of a claim that its row keeps, or its mark once it is completed.
struct ClaimParts {
  std::string holder = "loopstate";
  std::string payload_hash;
  Timestamp lease_until{};
};

// Takes them from a row that was written under this fence.
void fill_in(ClaimParts& parts, const Result<std::optional<table::Item>>& row, std::uint64_t fence) {
  if (!row || !*row || (*row)->uint64(attribute::kFence) != fence) return;
  const auto& item = **row;
  if (const auto* holder = item.string(attribute::kHolder)) parts.holder = *holder;
  if (const auto* hash = item.string(attribute::kPayloadHash)) parts.payload_hash = *hash;
  parts.lease_until = item.time(attribute::kLeaseUntil).value_or(Timestamp{});
}

// A claim is passed from one run of the program to the next by its id and fence; the rest is in the table.
Task<Result<Claim>> find_claim(Store store, TransactionId transaction, std::uint64_t fence,
                               CallOptions options) {
  const table::Call call{system_clock().now(), options.deadline().value_or(std::chrono::steady_clock::now() +
                                                                           store.settings().default_timeout)};
  std::vector<table::Key> keys{store::claim_key(transaction.text()),
                               store::processed_key(transaction.text())};
  CO_TRY(auto rows, co_await store::table_of(store)->batch_get(std::move(keys), call));
  ClaimParts parts;
  for (const auto& row : rows) {
    if (!row) co_return std::unexpected(row.error());
    fill_in(parts, row, fence);
  }
  co_return Claim::from_parts(std::move(transaction), fence, std::move(parts.holder),
                              std::move(parts.payload_hash), parts.lease_until);
}

struct OpenedClaim {
  Opened call;
  Claim claim;
};

Result<OpenedClaim> begin_with_claim(Program& program, const Arguments& arguments) {
  TRY(auto transaction, name<TransactionId>(arguments, "ID"));
  TRY(const auto fence, whole_number(arguments, "FENCE"));
  TRY(auto call, program.begin(arguments));
  TRY(auto found, program.run(find_claim(call.store, transaction, fence, call.options)));
  return OpenedClaim{std::move(call), std::move(found)};
}

Result<CommandOutput> extend(Program& program, const Arguments& arguments) {
  TRY(const auto lease, whole_number_or(arguments, "--lease", kDefaultLeaseSeconds, 1, kMaxLeaseSeconds));
  TRY(auto begun, begin_with_claim(program, arguments));
  TRY(const auto extended,
      program.run(begun.call.store.extend(begun.claim, std::chrono::seconds(lease), begun.call.options)));
  JsonObject json;
  json.text("transaction", extended.transaction().text()).number("fence", extended.fence());
  json.text("holder", extended.holder()).time("lease_until", extended.lease_until());
  return CommandOutput{json.str(),
                       fmt::format("{} is yours until {}", printable(extended.transaction().text()),
                                   time_text(extended.lease_until()))};
}

Result<CommandOutput> complete(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(const auto amount, whole_number(arguments, "AMOUNT"));
  TRY(auto result, utf8_text(arguments, "RESULT"));
  TRY(auto begun, begin_with_claim(program, arguments));
  TRY(const auto record,
      program.run(begun.call.store.complete(begun.claim, user, amount, result, begun.call.options)));
  return CommandOutput{processed_json(record), processed_text(record)};
}

Result<CommandOutput> release(Program& program, const Arguments& arguments) {
  TRY(auto begun, begin_with_claim(program, arguments));
  TRY_OK(program.run(begun.call.store.release(begun.claim, begun.call.options)));
  const auto& id = begun.claim.transaction().text();
  return CommandOutput{JsonObject()
                           .text("transaction", id)
                           .number("fence", begun.claim.fence())
                           .boolean("released", true)
                           .str(),
                       fmt::format("{} may be claimed again", printable(id))};
}

std::string claim_json(const store::ClaimRow& row) {
  JsonObject json;
  json.number("fence", row.fence).text("holder", row.holder);
  if (row.lease_until != Timestamp{}) json.time("lease_until", row.lease_until);
  return json.str();
}

// Work under way is not work done, but neither is it unheard of.
std::string not_done_text(const std::string& id, const std::optional<store::ClaimRow>& claim) {
  if (!claim) return fmt::format("{} has not been seen", id);
  const auto holder = printable(claim->holder);
  if (claim->lease_until == Timestamp{}) {
    return fmt::format("{} is not done: {} claimed it under fence {} and gave it back", id, holder,
                       claim->fence);
  }
  const auto until = time_text(claim->lease_until);
  if (claim->lease_until <= system_clock().now()) {
    return fmt::format(
        "{} is not done: {} claimed it under fence {}, and the lease ended at {} without a result", id,
        holder, claim->fence, until);
  }
  return fmt::format("{} is not done yet: {} works on it under fence {} until {}", id, holder, claim->fence,
                     until);
}

Task<Result<std::optional<store::ClaimRow>>> find_claim_row(Store store, TransactionId transaction,
                                                            CallOptions options) {
  const table::Call call{system_clock().now(), options.deadline().value_or(std::chrono::steady_clock::now() +
                                                                           store.settings().default_timeout)};
  auto key = store::claim_key(transaction.text());
  CO_TRY(const auto row, co_await store::table_of(store)->get(std::move(key), call));
  if (!row) co_return std::optional<store::ClaimRow>();
  CO_TRY(auto claim, store::claim_from_row(*row));
  co_return std::optional<store::ClaimRow>(std::move(claim));
}

Result<CommandOutput> check(Program& program, const Arguments& arguments) {
  TRY(auto transaction, name<TransactionId>(arguments, "ID"));
  TRY(auto call, program.begin(arguments));
  TRY(const auto found, program.run(call.store.is_processed(transaction, call.options)));
  JsonObject json;
  json.text("transaction", transaction.text()).boolean("processed", found.has_value());
  if (!found) {
    TRY(const auto claimed, program.run(find_claim_row(call.store, transaction, call.options)));
    if (claimed) json.raw("claim", claim_json(*claimed));
    return CommandOutput{json.str(), not_done_text(printable(transaction.text()), claimed),
                         ExitStatus::NotThere};
  }
  json.raw("record", processed_json(*found));
  return CommandOutput{json.str(), processed_text(*found)};
}

Result<CommandOutput> mark(Program& program, const Arguments& arguments) {
  TRY(auto transaction, name<TransactionId>(arguments, "ID"));
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(const auto amount, whole_number(arguments, "AMOUNT"));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto marked, program.run(call.store.mark_processed(transaction, user, amount, call.options)));
  return CommandOutput{
      JsonObject().boolean("first", marked.first).raw("record", processed_json(marked.record)).str(),
      (marked.first ? "" : "seen before: ") + processed_text(marked.record),
      marked.first ? ExitStatus::Done : ExitStatus::Refused};
}

}  // namespace

std::vector<Command> txn_commands() {
  const auto id = required("ID", "The transaction's id, e.g. square:pay-1");
  return {of_catalogue("txn claim", claim),       of_catalogue("txn extend", extend),
          of_catalogue("txn complete", complete), of_catalogue("txn release", release),
          of_catalogue("txn check", check),       of_catalogue("txn mark", mark)};
}

}  // namespace loopstate::cli
