// Recording what a provider reports of a refund or a dispute: into the payment's ledger, and where the sum of
// what stands there changes, onto the payment's mark, the pending capture if it still is one, and as an event
// into the user's context. A report that comes before its payment waits in the ledger.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/birth.hpp"
#include "store/keys.hpp"
#include "store/processed_row.hpp"
#include "store/refund_ledger_row.hpp"
#include "store/refunded_capture.hpp"
#include "store/request.hpp"
#include "store/user_transaction.hpp"

namespace loopstate {

using store::CorePtr;
using store::ProcessedRow;
using store::RefundBalance;
using store::RefundLedger;
using store::UserEnding;
using store::UserPlan;
using store::UserTransaction;
using store::UserView;

namespace {

using RefundState = RefundOutcome::State;

// Where the operations stand beside the context's.
constexpr std::size_t kLedgerAt = 0;
constexpr std::size_t kPaymentMarkAt = 1;

// How often other reports of one payment may come under one call.
constexpr int kMaxReports = 16;

struct Refund {
  Refund(RefundRecord what, store::WriteCall how) : record(std::move(what)), call(std::move(how)) {}

  RefundRecord record;
  store::WriteCall call;
  ProcessedRow payment;
  std::optional<RefundLedger> before;
  RefundLedger next;
  RefundBalance balance;            // with this report
  std::uint64_t capture_total = 0;  // refunded_cents of the capture after
  bool still_pending = false;

  std::uint64_t refunded_before() const { return payment.refunded_cents; }
  bool undone() const { return balance.refunded < refunded_before(); }
  std::uint64_t changed() const {
    return undone() ? refunded_before() - balance.refunded : balance.refunded - refunded_before();
  }
};

using RefundPtr = std::shared_ptr<Refund>;

struct Rows {
  std::optional<ProcessedRow> payment;
  std::optional<RefundLedger> ledger;
};

Task<Result<Rows>> read_payment_and_ledger(CorePtr core, TransactionId payment, table::Call call) {
  std::vector<table::Key> keys;
  keys.push_back(store::processed_key(payment.text()));
  keys.push_back(store::refund_ledger_key(payment.text()));
  CO_TRY(auto items, co_await store::read_rows(core, std::move(keys), call));
  Rows rows;
  if (const auto& mark = items[0]) {
    CO_TRY(auto processed, store::processed_from_row(*mark));
    rows.payment = std::move(processed);
  }
  CO_TRY(auto ledger, store::refund_ledger_from_row(items[1]));
  rows.ledger = std::move(ledger);
  co_return rows;
}

Result<void> check_report(const RefundRecord& record) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (record.currency && (record.currency->size() != 3 || !std::ranges::all_of(*record.currency, capital))) {
    return fail(ErrorCode::InvalidArgument, "currency must be three capital letters, as in ISO 4217");
  }
  if (record.begun_at < 0) return fail(ErrorCode::InvalidArgument, "begun_at is negative");
  if (record.reported_at < 0) return fail(ErrorCode::InvalidArgument, "reported_at is negative");
  if (record.transaction_lifetime)
    return check_lifetime("transaction_lifetime", *record.transaction_lifetime);
  return {};
}

table::Put ledger_put(const Refund& refund) {
  return store::put_refund_ledger(refund.record.payment.text(), refund.before, refund.next);
}

// Whether the ledger took the report. False: another one, or the payment, came meanwhile.
Task<Result<bool>> write_ledger_beside(CorePtr core, RefundPtr refund, table::Check payment,
                                       RefundOutcome outcome_then) {
  std::vector<table::Operation> operations;
  operations.emplace_back(ledger_put(*refund));
  operations.emplace_back(std::move(payment));
  auto answer = store::answer_for(refund->call, outcome_then);
  CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), refund->call,
                                                     std::move(outcome_then.user), std::move(answer)));
  co_return outcome.applied;
}

Result<std::optional<UserPlan>> plan_refund(Refund& refund, const UserView& view) {
  const auto& capture_id = refund.payment.record.result;
  if (store::lacks_capture(view, capture_id)) return std::nullopt;
  const auto& user = refund.payment.record.user_pubkey;
  const auto before = refund.refunded_before();
  const auto after = refund.balance.refunded;
  const auto& record = refund.record;
  const auto at = record.reported_at == 0 ? refund.call.call.now : record.reported_at;
  UserPlan plan;
  plan.next = view.context ? *view.context : new_context(user, refund.call.call.now);
  plan.next.row.ring = view.ring;
  auto event = refund.undone()
                   ? store::undone_event(record.kind, refund.changed(), refund.balance.currency, at)
                   : store::refund_event(record.kind, refund.changed(), refund.balance.currency, at);
  store::add_event(plan.next, std::move(event), refund.call.call.now);
  plan.operations.emplace_back(ledger_put(refund));
  plan.operations.emplace_back(
      store::set_refunded(store::processed_key(record.payment.text()), before, after));
  refund.still_pending = false;
  if (const auto* capture = store::pending_capture(view, capture_id)) {
    refund.still_pending = true;
    refund.capture_total = store::refunded_after(*capture, before, after);
    if (refund.capture_total != capture->refunded_cents) {
      plan.operations.emplace_back(store::set_refunded(store::pending_key(user, capture->id),
                                                       capture->refunded_cents, refund.capture_total));
    }
  }
  return plan;
}

RefundState state_of(const Refund& refund) {
  const auto paid = refund.payment.paid();
  if (!store::counts_in(refund.next, paid, refund.record.currency.value_or("")))
    return RefundState::OtherCurrency;
  const auto excess_before = refund.before ? store::balance_of(*refund.before, paid).excess : 0;
  if (refund.balance.excess > excess_before) return RefundState::ExceedsPayment;
  if (refund.undone()) return RefundState::Undone;
  if (refund.changed() > 0) return RefundState::Recorded;
  const auto* known = refund.before ? store::find_entry(*refund.before, refund.record) : nullptr;
  const bool told_before = known != nullptr && known->state == refund.record.state;
  return told_before ? RefundState::Duplicate : RefundState::Noted;
}

RefundOutcome outcome_of(const Refund& refund, RefundState state) {
  RefundOutcome outcome;
  outcome.state = state;
  outcome.user = refund.payment.record.user_pubkey;
  outcome.changed_cents = refund.changed();
  return outcome;
}

RefundOutcome recorded(const Refund& refund, const Context& next) {
  auto outcome = outcome_of(refund, state_of(refund));
  outcome.version = next.version;
  outcome.still_pending = refund.still_pending;
  outcome.refunded_cents = refund.capture_total;
  return outcome;
}

UserTransaction transaction_for(RefundPtr refund, std::optional<UserView> held) {
  UserTransaction work;
  work.user = refund->payment.record.user_pubkey;
  work.held = std::move(held);
  work.plan = [refund](const UserView& view) { return plan_refund(*refund, view); };
  work.answer = [refund](const Context& next) { return store::encode_answer(recorded(*refund, next)); };
  work.stop = [](const auto& refusals) {
    return refusals[kLedgerAt].refused || refusals[kPaymentMarkAt].refused;
  };
  return work;
}

// What a report that tells nothing new is answered with.
RefundOutcome told_before(const Rows& rows) {
  RefundOutcome outcome;
  if (!rows.payment) return outcome;
  outcome.state = RefundState::Duplicate;
  outcome.user = rows.payment->record.user_pubkey;
  return outcome;
}

// The payment is known, and what it comes to stays as it is: only the ledger changes.
table::Check same_payment(const ProcessedRow& payment, const TransactionId& id) {
  return table::Check{store::processed_key(id.text()), store::same_refunded(payment.refunded_cents)};
}

Task<Result<RefundOutcome>> refund_once(CorePtr core, RefundPtr refund, HeldState held) {
  const auto& record = refund->record;
  const auto& call = refund->call;
  const auto expires_at = store::born_at(call.call.now, record.reported_at) +
                          record.transaction_lifetime.value_or(core->settings.transaction_lifetime);
  for (int turn = 0; turn < kMaxReports; ++turn) {
    CO_TRY(auto rows, co_await read_payment_and_ledger(core, record.payment, call.call));
    auto next =
        store::with_report(rows.ledger.value_or(RefundLedger{}), record, call.write_id, call.call.now);
    if (!next) co_return told_before(rows);
    next->expires_at = std::max(expires_at, next->expires_at);
    if (rows.payment) next->expires_at = std::max(next->expires_at, rows.payment->expires_at);
    refund->before = std::move(rows.ledger);
    refund->next = std::move(*next);
    if (!rows.payment) {
      table::Check unknown{store::processed_key(record.payment.text()), table::Condition::item_absent()};
      RefundOutcome outcome;
      CO_TRY(auto remembered, co_await write_ledger_beside(core, refund, std::move(unknown), outcome));
      if (remembered) co_return outcome;
      continue;
    }
    refund->payment = std::move(*rows.payment);
    refund->balance = store::balance_of(refund->next, refund->payment.paid());
    if (refund->changed() == 0) {
      auto same = same_payment(refund->payment, record.payment);
      auto outcome = outcome_of(*refund, state_of(*refund));
      CO_TRY(auto noted, co_await write_ledger_beside(core, refund, std::move(same), outcome));
      if (noted) co_return outcome;
      continue;
    }

    auto view =
        store::view_of(refund->payment.record.user_pubkey, held.context, held.captures, call.call.now);
    auto work = transaction_for(refund, std::move(view));
    CO_TRY(auto ending, co_await store::run_user_transaction(core, std::move(work), call));
    if (ending.how == UserEnding::How::Written) co_return recorded(*refund, *ending.view.context);
    // Another report of this payment came between: all is read again.
  }
  co_return fail(ErrorCode::Unavailable, fmt::format("payment {} kept being refunded", record.payment.text()),
                 true);
}

}  // namespace

Task<Result<RefundOutcome>> Store::record_refund(RefundRecord record, HeldState held, CallOptions options) {
  auto core = core_;
  CO_TRY(auto call, store::begin_write(*core, options, "record_refund", record.refund, record.payment,
                                       record.amount_cents, record.currency, record.kind, record.state,
                                       record.begun_at, record.reported_at, record.transaction_lifetime));
  CO_TRY_OK(check_report(record));
  auto work = refund_once(core, std::make_shared<Refund>(std::move(record), call), std::move(held));
  co_return co_await store::once(core, std::move(call), std::move(work), store::Repetition::IsToldByItself);
}

}  // namespace loopstate
