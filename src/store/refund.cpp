// Recording a refund: one event in the user's context, and what was refunded on the pending capture if it
// still is one. The payment's own mark keeps the running total, so that a total reported twice, or late,
// counts once. A refund that comes before its payment is remembered, and taken off when the payment is
// recorded.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "loopstate/store.hpp"
#include "store/early_refund.hpp"
#include "store/keys.hpp"
#include "store/processed_row.hpp"
#include "store/refunded_capture.hpp"
#include "store/user_transaction.hpp"
#include "store/write_id.hpp"

namespace loopstate {

using store::CorePtr;
using store::ProcessedRow;
using store::UserEnding;
using store::UserPlan;
using store::UserTransaction;
using store::UserView;

namespace {

// Where the operations stand beside the context's.
constexpr std::size_t kRefundMarkAt = 0;
constexpr std::size_t kPaymentMarkAt = 1;

constexpr int kMaxTotals = 8;

struct Refund {
  Refund(RefundRecord what, store::WriteCall how) : record(std::move(what)), call(std::move(how)) {}

  RefundRecord record;
  store::WriteCall call;
  ProcessedRow payment;
  std::uint64_t added = 0;  // what this refund takes back
  bool mark_refused = false;
  std::optional<table::Item> mark;
  bool payment_refused = false;
  std::uint64_t capture_total = 0;  // refunded_cents of the capture after
  bool still_pending = false;
};

using RefundPtr = std::shared_ptr<Refund>;

struct Marks {
  std::optional<ProcessedRow> refund;
  std::optional<ProcessedRow> payment;
  std::optional<store::EarlyRefund> early;
};

Result<std::optional<ProcessedRow>> decode(const std::optional<table::Item>& row) {
  if (!row) return std::nullopt;
  auto processed = store::processed_from_row(*row);
  if (!processed) return std::unexpected(std::move(processed.error()));
  return std::move(*processed);
}

Task<Result<Marks>> read_marks(CorePtr core, RefundRecord record, table::Call call) {
  std::vector<table::Key> keys;
  keys.push_back(store::processed_key(record.refund.text()));
  keys.push_back(store::processed_key(record.payment.text()));
  keys.push_back(store::early_refund_key(record.payment.text()));
  auto rows = co_await store::read_rows(core, std::move(keys), call);
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  auto refund = decode((*rows)[0]);
  if (!refund) co_return std::unexpected(std::move(refund.error()));
  auto payment = decode((*rows)[1]);
  if (!payment) co_return std::unexpected(std::move(payment.error()));
  auto early = store::early_refund_from_row((*rows)[2]);
  if (!early) co_return std::unexpected(std::move(early.error()));
  co_return Marks{std::move(*refund), std::move(*payment), std::move(*early)};
}

// The payment is unknown: false when it, or another refund of it, was recorded meanwhile.
Task<Result<bool>> remember_refund(CorePtr core, RefundRecord record,
                                   std::optional<store::EarlyRefund> before, table::Call call) {
  if (store::has_refund(before, record.refund)) co_return true;
  const auto next = store::with_refund(before, record, call.now);
  if (!next) co_return true;
  const auto lifetime = record.transaction_lifetime.value_or(core->settings.transaction_lifetime);
  auto operations = store::remember_early_refund(record.payment, before, *next, call.now + lifetime);
  auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), call);
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  co_return outcome->applied;
}

// What this refund adds to what is known: a total that was reported before, or a later one, adds nothing.
std::uint64_t added_by(const RefundRecord& record, const ProcessedRow& payment) {
  if (!record.cumulative) return record.amount_cents;
  return record.amount_cents > payment.refunded_cents ? record.amount_cents - payment.refunded_cents : 0;
}

table::Put refund_mark(const Refund& refund, const StoreSettings& settings) {
  ProcessedTransaction record;
  record.transaction = refund.record.refund.text();
  record.user_pubkey = refund.payment.record.user_pubkey;
  record.cred_amount = refund.added;
  record.processed_at = refund.call.call.now;
  return store::put_processed(record, refund.call.write_id,
                              refund.record.transaction_lifetime.value_or(settings.transaction_lifetime));
}

Result<std::optional<UserPlan>> plan_refund(Refund& refund, const UserView& view,
                                            const StoreSettings& settings) {
  const auto& capture_id = refund.payment.record.result;
  if (store::lacks_capture(view, capture_id)) return std::nullopt;
  const auto& user = refund.payment.record.user_pubkey;
  UserPlan plan;
  plan.next = view.context ? *view.context : new_context(user, refund.call.call.now);
  plan.next.row.ring = view.ring;
  auto event = refund.record.event;
  event.amount = refund.added;
  store::add_event(plan.next, std::move(event), refund.call.call.now);
  plan.operations.emplace_back(refund_mark(refund, settings));
  const auto before = refund.payment.refunded_cents;
  plan.operations.emplace_back(store::set_refunded(store::processed_key(refund.record.payment.text()), before,
                                                   store::saturating_sum(before, refund.added)));
  refund.still_pending = false;
  if (const auto* capture = store::pending_capture(view, capture_id)) {
    refund.still_pending = true;
    refund.capture_total = store::saturating_sum(capture->refunded_cents, refund.added);
    plan.operations.emplace_back(store::set_refunded(store::pending_key(user, capture->id),
                                                     capture->refunded_cents, refund.capture_total));
  }
  return plan;
}

UserTransaction transaction_for(CorePtr core, RefundPtr refund, std::optional<UserView> held) {
  UserTransaction work;
  work.user = refund->payment.record.user_pubkey;
  work.held = std::move(held);
  work.plan = [core, refund](const UserView& view) { return plan_refund(*refund, view, core->settings); };
  work.stop = [refund](const auto& refusals) {
    refund->mark_refused = refusals[kRefundMarkAt].refused;
    refund->mark = refusals[kRefundMarkAt].item;
    refund->payment_refused = refusals[kPaymentMarkAt].refused;
    return refund->mark_refused || refund->payment_refused;
  };
  return work;
}

RefundOutcome duplicate(const ProcessedRow& row) {
  RefundOutcome outcome;
  outcome.state = RefundOutcome::State::Duplicate;
  outcome.user = row.record.user_pubkey;
  return outcome;
}

RefundOutcome recorded(const Refund& refund, const UserView& view) {
  RefundOutcome outcome;
  outcome.state = RefundOutcome::State::Recorded;
  outcome.user = refund.payment.record.user_pubkey;
  outcome.version = view.context ? view.context->version : 0;
  outcome.still_pending = refund.still_pending;
  outcome.refunded_cents = refund.capture_total;
  return outcome;
}

// The refund was recorded by this very write.
RefundOutcome recorded_before(const Refund& refund, const UserView& view) {
  auto outcome = recorded(refund, view);
  const auto* capture = store::pending_capture(view, refund.payment.record.result);
  outcome.still_pending = capture != nullptr;
  outcome.refunded_cents = capture != nullptr ? capture->refunded_cents : 0;
  return outcome;
}

}  // namespace

Task<Result<RefundOutcome>> Store::record_refund(RefundRecord record, HeldState held, CallOptions options) {
  auto core = core_;
  auto call = store::begin_write(*core, options);
  if (!call) co_return std::unexpected(std::move(call.error()));
  if (auto ok = store::check_event(record.event); !ok) co_return std::unexpected(std::move(ok.error()));
  auto refund = std::make_shared<Refund>(record, *call);

  for (int total = 0; total < kMaxTotals; ++total) {
    auto marks = co_await read_marks(core, record, call->call);
    if (!marks) co_return std::unexpected(std::move(marks.error()));
    if (!marks->payment && !marks->refund) {
      auto remembered = co_await remember_refund(core, record, std::move(marks->early), call->call);
      if (!remembered) co_return std::unexpected(std::move(remembered.error()));
      if (*remembered) co_return RefundOutcome{};
      continue;
    }
    if (!marks->refund && store::has_refund(marks->early, record.refund))
      co_return duplicate(*marks->payment);
    if (marks->refund && (marks->refund->write_id != call->write_id || !marks->payment)) {
      co_return duplicate(*marks->refund);
    }
    refund->payment = std::move(*marks->payment);
    if (marks->refund) {
      auto view = co_await store::load_view(core, refund->payment.record.user_pubkey, call->call);
      if (!view) co_return std::unexpected(std::move(view.error()));
      co_return recorded_before(*refund, *view);
    }
    refund->added = added_by(record, refund->payment);
    if (record.cumulative && refund->added == 0) co_return duplicate(refund->payment);

    auto view =
        store::view_of(refund->payment.record.user_pubkey, held.context, held.captures, call->call.now);
    auto work = transaction_for(core, refund, std::move(view));
    auto ending = co_await store::run_user_transaction(core, std::move(work), *call);
    if (!ending) co_return std::unexpected(std::move(ending.error()));
    if (ending->how == UserEnding::How::Written) co_return recorded(*refund, ending->view);
    if (ending->how == UserEnding::How::DoneBefore) co_return recorded_before(*refund, ending->view);
    // The mark or the total changed under the call: both are read again.
  }
  co_return fail(ErrorCode::Unavailable, fmt::format("payment {} kept being refunded", record.payment.text()),
                 true);
}

}  // namespace loopstate
