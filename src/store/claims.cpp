// The claim protocol: the right to do the work of one transaction, which only its current holder may finish.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"
#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/claim_row.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/payment_mark.hpp"
#include "store/processed_row.hpp"
#include "store/request.hpp"

namespace loopstate {

std::string_view to_string(ClaimOutcome::State state) noexcept {
  switch (state) {
    case ClaimOutcome::State::Fresh:
      return "fresh";
    case ClaimOutcome::State::InProgress:
      return "in_progress";
    case ClaimOutcome::State::Done:
      return "done";
    case ClaimOutcome::State::OtherPayload:
      return "other_payload";
    case ClaimOutcome::State::Lapsed:
      return "lapsed";
  }
  return "unknown";
}

namespace {

using State = ClaimOutcome::State;
using store::ClaimRow;
using store::CorePtr;
using store::WriteCall;

constexpr UnixSeconds kMaxLease = 86'400;
constexpr std::size_t kMaxResultBytes = 64u << 10;

// Places of the operations in a claim's transaction.
constexpr std::size_t kClaimAt = 0;
constexpr std::size_t kProcessedAt = 1;

Result<void> check_lease(UnixSeconds lease) {
  if (lease >= 1 && lease <= kMaxLease) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("lease must be 1 to {} seconds, not {}", kMaxLease, lease));
}

Result<void> check_result(std::string_view result) {
  if (result.size() > kMaxResultBytes) {
    return fail(ErrorCode::InvalidArgument, fmt::format("result is {} bytes long; at most {} are allowed",
                                                        result.size(), kMaxResultBytes));
  }
  if (!is_utf8(result)) return fail(ErrorCode::InvalidArgument, "result is not valid UTF-8");
  return {};
}

std::unexpected<Error> superseded(const Claim& claim) {
  return fail(
      ErrorCode::Superseded,
      fmt::format(
          "the claim on transaction {} under fence {} is over: it was released, completed or taken over",
          claim.transaction.text(), claim.fence));
}

// What the caller asked for, with what stays the same over all attempts.
struct Asked {
  TransactionId transaction;
  std::string payload_hash;
  std::string holder;
  UnixSeconds now;
  UnixSeconds lease_until;
  LapsedPolicy policy;
};

ClaimOutcome outcome_of(State state, std::uint64_t fence) {
  ClaimOutcome outcome;
  outcome.state = state;
  outcome.fence = fence;
  return outcome;
}

ClaimOutcome granted(const Asked& asked, const ClaimRow& row) {
  auto outcome = outcome_of(row.after_lapse ? State::Lapsed : State::Fresh, row.fence);
  outcome.claim = Claim{asked.transaction, row.fence, row.holder, row.lease_until, row.payload_hash};
  return outcome;
}

// Either the answer, or the claim to make over what was seen.
struct Decision {
  std::optional<ClaimOutcome> answer;
  ClaimRow next;
};

Decision decide(const Asked& asked, const std::optional<ClaimRow>& seen) {
  Decision decision;
  auto& next = decision.next;
  next.fence = seen ? seen->fence + 1 : 1;
  next.holder = asked.holder;
  next.lease_until = asked.lease_until;
  next.payload_hash = asked.payload_hash;
  if (!seen) return decision;

  const bool released = seen->lease_until == 0;
  const bool lapsed = !released && seen->lease_until <= asked.now;
  if (seen->payload_hash != asked.payload_hash) {
    decision.answer = outcome_of(State::OtherPayload, seen->fence);
  } else if (!released && !lapsed) {
    decision.answer = outcome_of(State::InProgress, seen->fence);
    decision.answer->in_progress_until = seen->lease_until;
  } else if (lapsed && asked.policy == LapsedPolicy::Refuse) {
    decision.answer = outcome_of(State::Lapsed, seen->fence);
  } else {
    next.after_lapse = lapsed && asked.policy == LapsedPolicy::Reconcile;
  }
  return decision;
}

std::vector<table::Operation> claim_operations(const Asked& asked, const std::optional<ClaimRow>& seen,
                                               const ClaimRow& next, UnixSeconds expires_at) {
  std::vector<table::Operation> operations;
  const auto& transaction = asked.transaction.text();
  if (seen) {
    operations.emplace_back(store::take_claim(transaction, *seen, next, expires_at));
  } else {
    operations.emplace_back(store::put_claim(transaction, next, expires_at));
  }
  operations.emplace_back(table::Check{store::processed_key(transaction), table::Condition::item_absent()});
  return operations;
}

Result<ClaimOutcome> done(const Asked& asked, const table::Item& row) {
  TRY(auto processed, store::processed_from_row(row));
  const auto fence = row.uint64(store::attribute::kFence).value_or(0);
  const auto& hash = processed.record.payload_hash;
  if (hash && *hash != asked.payload_hash) return outcome_of(State::OtherPayload, fence);
  auto outcome = outcome_of(State::Done, fence);
  outcome.done = std::move(processed.record);
  return outcome;
}

// A claim's row lives as long as a transaction is remembered, and longer than its lease.
UnixSeconds row_expiry(const StoreSettings& settings, UnixSeconds now, UnixSeconds lease_until) {
  return std::max(now + settings.transaction_lifetime, lease_until + kMaxLease);
}

// Who completed is kept beside the mark, so that the same holder asking again is told so.
table::Put put_completion(const ProcessedTransaction& record, const Claim& claim, std::string_view write_id,
                          UnixSeconds lifetime) {
  auto put = store::put_processed(record, write_id, record.processed_at + lifetime);
  put.item.attributes.set(std::string(store::attribute::kFence), table::Value::number(claim.fence));
  put.item.attributes.set(std::string(store::attribute::kHolder), claim.holder);
  return put;
}

bool completed_by(const table::Item& row, const Claim& claim) {
  const auto* holder = row.string(store::attribute::kHolder);
  const auto* hash = row.string(store::attribute::kPayloadHash);
  return row.uint64(store::attribute::kFence) == claim.fence && holder != nullptr &&
         *holder == claim.holder && hash != nullptr && *hash == claim.payload_hash;
}

Task<Result<ClaimOutcome>> take(CorePtr core, Asked asked, WriteCall write) {
  const auto expires_at = row_expiry(core->settings, asked.now, asked.lease_until);
  std::optional<ClaimRow> seen;
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    CO_TRY_OK(co_await store::pause_before_retry(attempt, write.call.deadline));
    auto decision = decide(asked, seen);
    if (decision.answer) co_return std::move(*decision.answer);
    auto answer = granted(asked, decision.next);
    auto operations = claim_operations(asked, seen, decision.next, expires_at);
    CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, std::string(),
                                                       store::answer_for(write, answer)));
    if (outcome.applied) co_return std::move(answer);

    const auto& refusals = outcome.refusals;
    if (refusals.at(kProcessedAt).item) co_return done(asked, *refusals[kProcessedAt].item);
    if (!refusals.at(kClaimAt).refused) continue;
    seen.reset();
    if (!refusals[kClaimAt].item) continue;
    CO_TRY(auto row, store::claim_from_row(*refusals[kClaimAt].item));
    seen = std::move(row);
  }
  co_return fail(ErrorCode::Unavailable,
                 fmt::format("the claim on transaction {} kept changing under {} attempts",
                             asked.transaction.text(), store::kMaxAttempts),
                 true);
}

// Changes of the claim's row are transactions of one: the answer to a repetition whose first reply was lost
// is that of the first, whoever took the claim meanwhile.
Task<Result<Claim>> lengthen(CorePtr core, Claim claim, WriteCall write) {
  const auto expires_at = row_expiry(core->settings, write.call.now, claim.lease_until);
  table::UpdateItem update{store::claim_key(claim.transaction.text()), {}, store::is_current(claim)};
  update.update.push_back(
      table::Change::set(store::attribute::kLeaseUntil, table::Value::number(claim.lease_until)));
  update.update.push_back(table::Change::set(store::attribute::kTtl, table::Value::number(expires_at)));
  std::vector<table::Operation> operations;
  operations.emplace_back(std::move(update));
  CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, std::string(),
                                                     store::answer_for(write, claim)));
  if (!outcome.applied) co_return superseded(claim);
  co_return std::move(claim);
}

Task<Result<ProcessedTransaction>> finish(CorePtr core, Claim claim, ProcessedTransaction record,
                                          WriteCall write) {
  auto mark = std::make_shared<store::PaymentMark>();
  mark->put = put_completion(record, claim, write.write_id, core->settings.transaction_lifetime);
  store::MarkWork work{record.user_pubkey, record.result, {}, store::answer_for(write, record)};
  work.beside.emplace_back(
      table::Erase{store::claim_key(claim.transaction.text()), store::is_current(claim)});
  CO_TRY(auto ending, co_await store::write_mark(core, mark, std::move(work), write));
  if (ending == store::MarkEnding::Written) co_return std::move(record);
  const auto& standing = mark->standing;
  if (!standing || !completed_by(*standing, claim)) co_return superseded(claim);
  CO_TRY(auto processed, store::processed_from_row(*standing));
  co_return std::move(processed.record);
}

table::Operation release_operation(const Claim& claim) {
  table::UpdateItem update{store::claim_key(claim.transaction.text()), {}, store::is_current(claim)};
  update.update.push_back(
      table::Change::set(store::attribute::kLeaseUntil, table::Value::number(std::int64_t{0})));
  return update;
}

Task<Result<void>> let_go(CorePtr core, Claim claim, WriteCall write) {
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    std::vector<table::Operation> operations;
    // Released already under this fence: by an earlier call. Where this one has a name, a repetition has to
    // find that it was answered.
    operations.emplace_back(attempt % 2 == 0 ? release_operation(claim)
                                             : table::Check{store::claim_key(claim.transaction.text()),
                                                            store::is_released(claim)});
    CO_TRY(auto outcome,
           co_await store::transact_once(core, std::move(operations), write, std::string(), "null"));
    if (outcome.applied) co_return Result<void>{};
    const auto& row = outcome.refusals.front().item;
    const auto released = store::is_released(claim);
    if (!row || !table::holds(released, &*row)) break;
    if (!write.request) co_return Result<void>{};
  }
  co_return superseded(claim);
}

}  // namespace

Task<Result<ClaimOutcome>> Store::claim(TransactionId transaction, std::string payload, UnixSeconds lease,
                                        LapsedPolicy policy, std::string holder, CallOptions options) {
  auto core = core_;
  CO_TRY_OK(check_lease(lease));
  CO_TRY_OK(check_name("holder", holder));
  auto hash = crypto::hex(crypto::sha256(payload));
  CO_TRY(const auto write,
         store::begin_write(*core, options, "claim", transaction, hash, lease, policy, holder));
  const auto now = write.call.now;
  Asked asked{std::move(transaction), std::move(hash), std::move(holder), now, now + lease, policy};
  auto claiming = take(core, std::move(asked), write);
  co_return co_await store::once_if_named(core, write, std::move(claiming));
}

Task<Result<Claim>> Store::extend(Claim claim, UnixSeconds lease, CallOptions options) {
  auto core = core_;
  CO_TRY_OK(check_lease(lease));
  CO_TRY(const auto write, store::begin_write(*core, options, "extend", claim, lease));
  claim.lease_until = write.call.now + lease;
  auto extending = lengthen(core, std::move(claim), write);
  co_return co_await store::once(core, write, std::move(extending), store::Repetition::IsToldByItself);
}

Task<Result<ProcessedTransaction>> Store::complete(Claim claim, UserId user, std::uint64_t cred_amount,
                                                   std::string result, CallOptions options) {
  auto core = core_;
  CO_TRY_OK(check_result(result));
  CO_TRY(const auto write, store::begin_write(*core, options, "complete", claim, user, cred_amount, result));
  ProcessedTransaction record;
  record.transaction = claim.transaction.text();
  record.user_pubkey = user.text();
  record.cred_amount = cred_amount;
  record.processed_at = write.call.now;
  record.payload_hash = claim.payload_hash;
  record.result = std::move(result);
  auto finishing = finish(core, std::move(claim), std::move(record), write);
  co_return co_await store::once(core, write, std::move(finishing), store::Repetition::IsToldByItself);
}

Task<Result<void>> Store::release(Claim claim, CallOptions options) {
  auto core = core_;
  CO_TRY(const auto write, store::begin_write(*core, options, "release", claim));
  auto releasing = let_go(core, std::move(claim), write);
  co_return co_await store::once(core, write, std::move(releasing), store::Repetition::IsToldByItself);
}

}  // namespace loopstate
