// Recording a provider's report of a refund or a dispute: into the payment's ledger, and if the sum of what
// stands there changes, onto the payment's mark, the pending capture if it still is one, and as an event
// into the user's context. A report that comes before its payment waits in the ledger.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/refund_plan.hpp"

namespace loopstate {

using store::CorePtr;
using store::KnownRefunds;
using store::RefundWork;

namespace {

using RefundWorkPtr = std::shared_ptr<const RefundWork>;

// After an import, the payment may belong to a different user than before.
void forget_other_user(KnownRefunds& known) {
  if (!known.user || !known.user->context || !known.payment) return;
  if (known.user->context->pubkey.text() != known.payment->record.user.text()) known.user.reset();
}

Task<Result<KnownRefunds>> read_payment_and_ledger(CorePtr core, RefundWorkPtr work, KnownRefunds known,
                                                   table::Call call) {
  const auto& payment = work->record.payment.text();
  std::vector<table::Key> keys;
  keys.push_back(store::processed_key(payment));
  keys.push_back(store::refund_ledger_key(payment));
  CO_TRY(auto rows, co_await store::read_rows(core, std::move(keys), call));
  known.payment.reset();
  if (rows[0]) {
    CO_TRY(known.payment, store::processed_from_row(*rows[0]));
  }
  CO_TRY(known.ledger, store::refund_ledger_from_row(rows[1]));
  known.read = true;
  forget_other_user(known);
  co_return known;
}

Task<Result<KnownRefunds>> read_refunds(CorePtr core, RefundWorkPtr work, HeldState held, KnownRefunds known,
                                        table::Call call) {
  if (!known.read) {
    auto reading = read_payment_and_ledger(core, work, std::move(known), call);
    CO_TRY(auto read, co_await std::move(reading));
    if (read.payment && !read.user) {
      read.user = store::view_of(read.payment->record.user.text(), held.context(), held.captures(),
                                 work->call.call.now);
    }
    co_return read;
  }
  CO_TRY(known.user, co_await store::load_view(core, known.payment->record.user.text(), call));
  co_return known;
}

Result<void> check_report(const RefundRecord& record) {
  if (record.begun_at < Timestamp{}) return fail(ErrorCode::InvalidArgument, "begun_at is negative");
  if (record.reported_at < Timestamp{}) return fail(ErrorCode::InvalidArgument, "reported_at is negative");
  if (record.transaction_lifetime)
    return check_lifetime("transaction_lifetime", *record.transaction_lifetime);
  return {};
}

store::Rule<KnownRefunds, RefundOutcome> refund_rule(CorePtr core, RefundWorkPtr work, HeldState held) {
  store::Rule<KnownRefunds, RefundOutcome> rule;
  rule.subject = fmt::format("what was refunded of payment {}", work->record.payment.text());
  rule.plan = [work](const KnownRefunds& known) { return store::plan_refund(*work, known); };
  rule.read = [core, work, held = std::move(held)](KnownRefunds known, table::Call call) {
    return read_refunds(core, work, held, std::move(known), call);
  };
  rule.learn = store::learn_refunds;
  return rule;
}

Task<Result<RefundOutcome>> record_refund_on(CorePtr core, ByName<RefundRecord> named,
                                             RecordOptions options) {
  auto record = std::move(named).value();
  CO_TRY(auto call, store::begin_write(*core, options, "record_refund", record.refund, record.payment,
                                       record.amount, record.kind, record.state, record.begun_at,
                                       record.reported_at, record.transaction_lifetime));
  CO_TRY_OK(check_report(record));
  auto work = std::make_shared<const RefundWork>(RefundWork{std::move(record), core->settings, call});
  auto recording =
      store::run_rule(core, refund_rule(core, work, std::move(options).held()), KnownRefunds{}, call);
  co_return co_await store::once(core, std::move(call), std::move(recording),
                                 store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<RefundOutcome>> Store::record_refund(ByName<RefundRecord> named, RecordOptions options) {
  return record_refund_on(core_, std::move(named), std::move(options));
}

}  // namespace loopstate
