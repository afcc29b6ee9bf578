#include "store/rules/refund_plan.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "store/rows/birth.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/refunded_capture.hpp"
#include "store/spine/refund_answer.hpp"

namespace loopstate::store {
namespace {

using State = RefundOutcome::State;

// A report that says something new about a known payment.
struct Change {
  const RefundWork& work;
  const ProcessedRow& payment;
  const std::optional<RefundLedger>& before;
  RefundLedger after;
  RefundBalance balance;  // including the report

  bool undone() const { return balance.refunded < payment.refunded; }
  Money moved() const {
    return {undone() ? payment.refunded - balance.refunded : balance.refunded - payment.refunded,
            balance.currency};
  }
};

table::Put ledger_put(const RefundWork& work, const KnownRefunds& known, const RefundLedger& after) {
  return put_refund_ledger(work.record.payment.text(), known.ledger, after);
}

State state_of(const Change& change) {
  const auto paid = change.payment.paid();
  const auto& record = change.work.record;
  if (!counts_in(change.after, paid, record.amount.currency)) return State::OtherCurrency;
  const auto excess_before = change.before ? balance_of(*change.before, paid).excess : 0;
  if (change.balance.excess > excess_before) return State::ExceedsPayment;
  if (change.undone()) return State::Undone;
  if (change.moved().minor_units > 0) return State::Recorded;
  const auto* known = change.before ? find_entry(*change.before, record) : nullptr;
  const bool told_before = known != nullptr && known->state == record.state;
  return told_before ? State::Duplicate : State::Noted;
}

RefundOutcome outcome_of(const Change& change, std::optional<RefundOutcome::Change> written) {
  return refund_outcome(state_of(change), change.payment.record.user, written);
}

// The answer to a report that says nothing new.
RefundOutcome told_before(const KnownRefunds& known) {
  if (!known.payment) return RefundOutcome();
  return RefundOutcome(RefundOutcome::Duplicate{known.payment->record.user});
}

// Nobody has recorded the payment: the report waits for it.
Plan<RefundOutcome> remember(const RefundWork& work, const KnownRefunds& known, const RefundLedger& after) {
  Write<RefundOutcome> write;
  write.steps.add(Role::Refunds, ledger_put(work, known, after));
  write.steps.add(Role::Mark,
                  table::Check{processed_key(work.record.payment.text()), table::Condition::item_absent()});
  return write;
}

// The payment's balance stays as it is: only the ledger changes.
Plan<RefundOutcome> note(const KnownRefunds& known, const Change& change) {
  Write<RefundOutcome> write;
  write.steps.add(Role::Refunds, ledger_put(change.work, known, change.after));
  write.steps.add(Role::Mark, table::Check{processed_key(change.work.record.payment.text()),
                                           same_refunded(change.payment.refunded)});
  write.answer = outcome_of(change, std::nullopt);
  write.user = change.payment.record.user.text();
  return write;
}

ContextEvent event_of(const Change& change) {
  const auto& record = change.work.record;
  const auto at = record.reported_at == Timestamp{} ? change.work.call.call.now : record.reported_at;
  return change.undone() ? undone_event(record.kind, change.moved(), at)
                         : refund_event(record.kind, change.moved(), at);
}

Result<Plan<RefundOutcome>> move_balance(const KnownRefunds& known, const Change& change,
                                         const UserView& view) {
  const auto& capture_id = change.payment.record.result;
  if (lacks_capture(view, capture_id)) return Read{};
  const auto& user = change.payment.record.user.text();
  const auto& call = change.work.call;
  const auto before = change.payment.refunded;
  const auto after = change.balance.refunded;

  auto next = changed_from(view, user, call.call.now);
  add_event(next, event_of(change), call.call.now);
  next = successor(std::move(next), view, call);

  Write<RefundOutcome> write;
  write.user = user;
  RefundOutcome::Change written{.version = next.version, .changed = change.moved()};
  add_context(write.steps, view, next);
  write.steps.add(Role::Refunds, ledger_put(change.work, known, change.after));
  write.steps.add(Role::Mark, set_refunded(processed_key(change.work.record.payment.text()), before, after));
  if (const auto* capture = pending_capture(view, capture_id)) {
    const auto total = refunded_after(*capture, before, after);
    written.refunded = {total, change.balance.currency};
    const auto known_total = capture->refunded.minor_units;
    auto key = pending_key(user, capture->id);
    // What is known about the row may be older than the mark: if nothing is to change there, that is checked,
    // so that the two always agree.
    if (total == known_total) {
      write.steps.add(Role::Capture, table::Check{std::move(key), same_refunded(known_total)});
    } else {
      write.steps.add(Role::Capture, set_refunded(std::move(key), known_total, total));
    }
  }
  write.answer = outcome_of(change, written);
  return write;
}

// How long the reports of a payment are remembered: at least as long as the payment.
Timestamp remembered_until(const RefundWork& work, const KnownRefunds& known) {
  const auto lifetime = work.record.transaction_lifetime.value_or(work.settings.transaction_lifetime);
  const auto until = born_at(work.call.call.now, work.record.reported_at) + lifetime;
  return known.payment ? std::max(until, known.payment->expires_at) : until;
}

}  // namespace

Result<Plan<RefundOutcome>> plan_refund(const RefundWork& work, const KnownRefunds& known) {
  if (!known.read) return Read{};
  const auto now = work.call.call.now;
  auto after = with_report(known.ledger.value_or(RefundLedger{}), work.record, work.call.write_id, now);
  if (!after) return Settled<RefundOutcome>{told_before(known), false};
  after->expires_at = std::max(after->expires_at, remembered_until(work, known));
  if (!known.payment) return remember(work, known, *after);

  const auto balance = balance_of(*after, known.payment->paid());
  const Change change{work, *known.payment, known.ledger, std::move(*after), balance};
  if (change.moved().minor_units == 0) return note(known, change);
  return plan_on(known.user, now, [&](const UserView& view) { return move_balance(known, change, view); });
}

Result<void> learn_refunds(KnownRefunds& known, const Refusals& refusals) {
  if (refusals.refused(Role::Refunds) || refusals.refused(Role::Mark)) known.read = false;
  if (!known.payment) return {};
  return learn_user(known.user, refusals, known.payment->record.user.text());
}

}  // namespace loopstate::store
