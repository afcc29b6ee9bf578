// The claim protocol: the right to do the work of one transaction, which only its current holder may finish.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/claim_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rules/mark_plan.hpp"
#include "store/spine/core.hpp"
#include "store/spine/request.hpp"

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

using store::ClaimRow;
using store::CorePtr;
using store::Refusals;
using store::Role;
using store::WriteCall;

constexpr std::chrono::seconds kMaxLease = std::chrono::days(1);
constexpr std::size_t kMaxResultBytes = 64u << 10;

Result<void> check_lease(std::chrono::seconds lease) {
  if (lease >= std::chrono::seconds(1) && lease <= kMaxLease) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("lease must be 1 to {} seconds, not {}", kMaxLease.count(), lease.count()));
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
          "the claim on transaction {} under fence {} is not the current one: it was released, completed or "
          "taken over, or granted to another holder or for another payload",
          claim.transaction().text(), claim.fence()));
}

// What the caller asked for, with what stays the same over all attempts.
struct Asked {
  TransactionId transaction;
  std::string payload_hash;
  std::string holder;
  Timestamp now;
  Timestamp lease_until;
  Timestamp expires_at;  // of the claim's row
  LapsedPolicy policy;
};

ClaimOutcome granted(const Asked& asked, const ClaimRow& row) {
  auto claim = Claim::from_parts(asked.transaction, row.fence, row.holder, row.payload_hash, row.lease_until);
  if (row.after_lapse) return {ClaimOutcome::Lapsed{std::move(claim)}, row.fence};
  return {ClaimOutcome::Fresh{std::move(claim)}, row.fence};
}

// What is known about a transaction to be claimed.
struct KnownClaim {
  std::optional<ClaimRow> claim;
  std::optional<table::Item> mark;  // its work is done
};

// The claim to make in place of the existing one, which may be taken over.
ClaimRow next_claim(const Asked& asked, const std::optional<ClaimRow>& seen, bool lapsed) {
  ClaimRow next;
  next.fence = seen ? seen->fence + 1 : 1;
  next.holder = asked.holder;
  next.lease_until = asked.lease_until;
  next.payload_hash = asked.payload_hash;
  next.after_lapse = lapsed && asked.policy == LapsedPolicy::Reconcile;
  return next;
}

store::Write<ClaimOutcome> take_over(const Asked& asked, const std::optional<ClaimRow>& seen, bool lapsed) {
  const auto& transaction = asked.transaction.text();
  const auto next = next_claim(asked, seen, lapsed);
  store::Write<ClaimOutcome> write;
  if (seen) {
    write.steps.add(Role::Claim, store::take_claim(transaction, *seen, next, asked.expires_at));
  } else {
    write.steps.add(Role::Claim, store::put_claim(transaction, next, asked.expires_at));
  }
  write.steps.add(Role::Mark,
                  table::Check{store::processed_key(transaction), table::Condition::item_absent()});
  write.answer = granted(asked, next);
  return write;
}

Result<ClaimOutcome> done(const Asked& asked, const table::Item& row) {
  TRY(auto processed, store::processed_from_row(row));
  const auto fence = row.uint64(store::attribute::kFence).value_or(0);
  const auto& hash = processed.record.payload_hash;
  if (hash && *hash != asked.payload_hash) {
    return ClaimOutcome(ClaimOutcome::OtherPayload{}, fence);
  }
  return ClaimOutcome(ClaimOutcome::Done{std::move(processed.record)}, fence);
}

// A claim's row lives as long as a transaction is remembered, and longer than its lease.
Timestamp row_expiry(const StoreSettings& settings, Timestamp now, Timestamp lease_until) {
  return std::max(now + settings.transaction_lifetime, lease_until + kMaxLease);
}

// The completing holder is kept with the mark, so that the same holder is told so when asking again.
table::Put put_completion(const ProcessedTransaction& record, const Claim& claim, std::string_view write_id,
                          std::chrono::seconds lifetime) {
  auto put = store::put_processed(record, write_id, record.processed_at + lifetime);
  put.item.attributes.set(std::string(store::attribute::kFence), table::Value::number(claim.fence()));
  put.item.attributes.set(std::string(store::attribute::kHolder), claim.holder());
  return put;
}

bool completed_by(const store::ProcessedRow& mark, const Claim& claim) {
  return mark.completed_fence == claim.fence() && mark.completed_by == claim.holder() &&
         mark.record.payload_hash == claim.payload_hash();
}

Result<store::Plan<ClaimOutcome>> plan_claim(const Asked& asked, const KnownClaim& known) {
  using Settled = store::Settled<ClaimOutcome>;
  if (known.mark) {
    TRY(auto outcome, done(asked, *known.mark));
    return Settled{std::move(outcome)};
  }
  const auto& seen = known.claim;
  if (!seen) return take_over(asked, seen, false);
  if (seen->payload_hash != asked.payload_hash) {
    return Settled{ClaimOutcome(ClaimOutcome::OtherPayload{}, seen->fence)};
  }
  const bool released = seen->lease_until == Timestamp{};
  const bool lapsed = !released && seen->lease_until <= asked.now;
  if (!released && !lapsed) {
    return Settled{ClaimOutcome(ClaimOutcome::InProgress{seen->lease_until}, seen->fence)};
  }
  if (lapsed && asked.policy == LapsedPolicy::Refuse) {
    return Settled{ClaimOutcome(ClaimOutcome::Lapsed{}, seen->fence)};
  }
  return take_over(asked, seen, lapsed);
}

Result<void> learn_claim(KnownClaim& known, const Refusals& refusals) {
  known.mark = refusals.item(Role::Mark);
  if (!refusals.refused(Role::Claim)) return {};
  known.claim.reset();
  if (const auto row = refusals.item(Role::Claim)) {
    TRY(auto claim, store::claim_from_row(*row));
    known.claim = std::move(claim);
  }
  return {};
}

Task<Result<ClaimOutcome>> take(CorePtr core, Asked asked, WriteCall write) {
  store::Rule<KnownClaim, ClaimOutcome> rule;
  rule.subject = fmt::format("the claim on transaction {}", asked.transaction.text());
  rule.plan = [asked = std::move(asked)](const KnownClaim& known) { return plan_claim(asked, known); };
  rule.learn = learn_claim;
  return store::run_rule(std::move(core), std::move(rule), KnownClaim{}, std::move(write));
}

// Changes to the claim's row are transactions of one operation: a repetition whose first reply was lost gets
// the first answer, whoever has taken the claim meanwhile.
Task<Result<Claim>> lengthen(CorePtr core, Claim claim, WriteCall write) {
  const auto expires_at = row_expiry(core->settings, write.call.now, claim.lease_until());
  table::UpdateItem update{store::claim_key(claim.transaction().text()), {}, store::is_current(claim)};
  update.update.push_back(
      table::Change::set(store::attribute::kLeaseUntil, table::Value::time(claim.lease_until())));
  update.update.push_back(table::Change::set(store::attribute::kTtl, table::Value::time(expires_at)));
  std::vector<table::Operation> operations;
  operations.emplace_back(std::move(update));
  CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, std::string(),
                                                     store::answer_for(write, claim)));
  if (!outcome.applied) co_return superseded(claim);
  co_return std::move(claim);
}

Task<Result<ProcessedTransaction>> finish(CorePtr core, Claim claim, ProcessedTransaction record,
                                          WriteCall write) {
  store::MarkWork work;
  work.user = record.user.text();
  work.mark = put_completion(record, claim, write.write_id, core->settings.transaction_lifetime);
  work.result = record.result;
  work.claim = table::Erase{store::claim_key(claim.transaction().text()), store::is_current(claim)};
  work.call = write;
  auto writing = store::write_mark(core, std::move(work), store::answer_for(write, record));
  CO_TRY(auto marked, co_await std::move(writing));
  if (marked.how == store::Marked::How::Written) co_return std::move(record);
  if (!marked.standing || !completed_by(*marked.standing, claim)) co_return superseded(claim);
  co_return std::move(marked.standing->record);
}

table::Operation release_operation(const Claim& claim) {
  table::UpdateItem update{store::claim_key(claim.transaction().text()), {}, store::is_current(claim)};
  update.update.push_back(
      table::Change::set(store::attribute::kLeaseUntil, table::Value::number(std::int64_t{0})));
  return update;
}

struct KnownRelease {
  bool released = false;    // under this fence, by an earlier call
  bool superseded = false;  // the claim belongs to somebody else
};

Result<store::Plan<bool>> plan_release(const Claim& claim, bool named, const KnownRelease& known) {
  if (known.superseded) return superseded(claim);
  if (known.released && !named) return store::Settled<bool>{true};
  store::Write<bool> write;
  // If the call has a name, a repetition must find that it was answered.
  write.steps.add(Role::Claim, known.released ? table::Check{store::claim_key(claim.transaction().text()),
                                                             store::is_released(claim)}
                                              : release_operation(claim));
  write.answer = true;
  return write;
}

Result<void> learn_release(const Claim& claim, KnownRelease& known, const Refusals& refusals) {
  const auto row = refusals.item(Role::Claim);
  const auto released = store::is_released(claim);
  known.released = row && table::holds(released, &*row);
  known.superseded = !known.released;
  return {};
}

Task<Result<void>> let_go(CorePtr core, Claim claim, WriteCall write) {
  store::Rule<KnownRelease, bool> rule;
  rule.subject = fmt::format("the claim on transaction {}", claim.transaction().text());
  rule.plan = [claim, named = write.request != nullptr](const KnownRelease& known) {
    return plan_release(claim, named, known);
  };
  rule.learn = [claim](KnownRelease& known, const Refusals& refusals) {
    return learn_release(claim, known, refusals);
  };
  rule.keep = [](bool /*always true*/) { return std::string("null"); };
  auto releasing = store::run_rule(std::move(core), std::move(rule), KnownRelease{}, std::move(write));
  CO_TRY([[maybe_unused]] const auto outcome, co_await std::move(releasing));
  co_return Result<void>{};
}

Task<Result<ClaimOutcome>> claim_on(CorePtr core, TransactionId transaction, std::string payload,
                                    std::chrono::seconds lease, LapsedPolicy policy, ClaimOptions options) {
  const auto& holder = options.holder();
  CO_TRY_OK(check_lease(lease));
  CO_TRY_OK(check_name("holder", holder));
  auto hash = crypto::hex(crypto::sha256(payload));
  CO_TRY(const auto write,
         store::begin_write(*core, options, "claim", transaction, hash, lease, policy, holder));
  const auto now = write.call.now;
  const auto expires_at = row_expiry(core->settings, now, now + lease);
  Asked asked{std::move(transaction), std::move(hash), holder, now, now + lease, expires_at, policy};
  auto claiming = take(core, std::move(asked), write);
  co_return co_await store::once_if_named(core, write, std::move(claiming));
}

Task<Result<Claim>> extend_on(CorePtr core, Claim claim, std::chrono::seconds lease, CallOptions options) {
  CO_TRY_OK(check_lease(lease));
  CO_TRY(const auto write, store::begin_write(*core, options, "extend", claim, lease));
  auto longer = Claim::from_parts(claim.transaction(), claim.fence(), claim.holder(), claim.payload_hash(),
                                  write.call.now + lease);
  auto extending = lengthen(core, std::move(longer), write);
  co_return co_await store::once(core, write, std::move(extending), store::Repetition::IsToldByItself);
}

Task<Result<ProcessedTransaction>> complete_on(CorePtr core, Claim claim, UserId user,
                                               std::uint64_t cred_amount, std::string result,
                                               CallOptions options) {
  CO_TRY_OK(check_result(result));
  CO_TRY(const auto write, store::begin_write(*core, options, "complete", claim, user, cred_amount, result));
  ProcessedTransaction record;
  record.transaction = claim.transaction();
  record.user = user;
  record.cred_amount = cred_amount;
  record.processed_at = write.call.now;
  record.payload_hash = claim.payload_hash();
  record.result = std::move(result);
  auto finishing = finish(core, std::move(claim), std::move(record), write);
  co_return co_await store::once(core, write, std::move(finishing), store::Repetition::IsToldByItself);
}

Task<Result<void>> release_on(CorePtr core, Claim claim, CallOptions options) {
  CO_TRY(const auto write, store::begin_write(*core, options, "release", claim));
  auto releasing = let_go(core, std::move(claim), write);
  co_return co_await store::once(core, write, std::move(releasing), store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<ClaimOutcome>> Store::claim(TransactionId transaction, std::string payload,
                                        std::chrono::seconds lease, LapsedPolicy policy,
                                        ClaimOptions options) {
  return claim_on(core_, std::move(transaction), std::move(payload), lease, policy, std::move(options));
}

Task<Result<Claim>> Store::extend(Claim claim, std::chrono::seconds lease, CallOptions options) {
  return extend_on(core_, std::move(claim), lease, std::move(options));
}

Task<Result<ProcessedTransaction>> Store::complete(Claim claim, UserId user, std::uint64_t cred_amount,
                                                   std::string result, CallOptions options) {
  return complete_on(core_, std::move(claim), std::move(user), cred_amount, std::move(result),
                     std::move(options));
}

Task<Result<void>> Store::release(Claim claim, CallOptions options) {
  return release_on(core_, std::move(claim), std::move(options));
}

}  // namespace loopstate
