#include "store/payment_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <iterator>
#include <utility>

#include "base/try.hpp"
#include "store/attributes.hpp"
#include "store/context_write.hpp"
#include "store/keys.hpp"
#include "store/processed_row.hpp"
#include "store/refunded_capture.hpp"
#include "store/request.hpp"
#include "store/ring.hpp"

namespace loopstate::store {
namespace {

using How = UserEnding::How;
using Refusals = std::vector<table::TransactOutcome::Refusal>;

// Where the mark's own operations stand; what is written with them follows.
constexpr std::size_t kMarkAt = 0;
constexpr std::size_t kEarlyRefundAt = 1;
constexpr std::ptrdiff_t kOwnOperations = 2;

// How often more refunds of one payment may come under one call.
constexpr int kMaxTurns = 8;

std::string transaction_of(const PaymentMark& mark) {
  return mark.put.item.key.pk.substr(kTransactionPrefix.size());
}

// The ledger lives as long as the mark: without it a refund that is reported again would be a new one.
table::Operation ledger_operation(const PaymentMark& mark, UnixSeconds expires_at) {
  const auto payment = transaction_of(mark);
  if (!mark.early || mark.early->expires_at >= expires_at) {
    return table::Check{refund_ledger_key(payment), refund_ledger_is(mark.early)};
  }
  auto longer = *mark.early;
  longer.expires_at = expires_at;
  return put_refund_ledger(payment, mark.early, longer);
}

// What the refusals say of the mark and of the early refunds.
struct Lesson {
  bool early_refused = false;
  std::optional<table::Item> early_row;
};

Lesson judge(PaymentMark& mark, const Refusals& refusals) {
  if (refusals[kMarkAt].refused) mark.standing = refusals[kMarkAt].item;
  return {refusals[kEarlyRefundAt].refused, refusals[kEarlyRefundAt].item};
}

Result<void> learn(PaymentMark& mark, const Lesson& lesson) {
  if (!lesson.early_refused) return {};
  TRY(auto early, refund_ledger_from_row(lesson.early_row));
  mark.early = std::move(early);
  return {};
}

std::unexpected<Error> kept_changing(const PaymentMark& mark) {
  return fail(
      ErrorCode::Unavailable,
      fmt::format("the refunds of payment {} kept changing while it was recorded", transaction_of(mark)),
      true);
}

// One turn's, shared with its plan and its judge.
struct Turn {
  Lesson lesson;
  bool stopped_by_work = false;
};

UserTransaction with_mark(const UserTransaction& work, PaymentMarkPtr mark, std::shared_ptr<Turn> turn,
                          UnixSeconds now) {
  UserTransaction whole;
  whole.user = work.user;
  whole.held = work.held;
  whole.answer = work.answer;
  whole.plan = [plan_work = work.plan, mark, now](const UserView& view) -> Result<std::optional<UserPlan>> {
    auto plan = plan_work(view);
    if (!plan || !*plan) return plan;
    if (const auto early = mark->balance(); early.refunded > 0) {
      add_event((*plan)->next,
                refund_event(RefundRecord::Kind::Refund, early.refunded, early.currency, early.last_at), now);
    }
    auto first = mark_operations(*mark);
    auto& operations = (*plan)->operations;
    operations.insert(operations.begin(), std::make_move_iterator(first.begin()),
                      std::make_move_iterator(first.end()));
    return plan;
  };
  whole.stop = [stop_work = work.stop, mark, turn](const Refusals& refusals) {
    turn->lesson = judge(*mark, refusals);
    if (mark->standing) return true;
    const Refusals others(refusals.begin() + kOwnOperations, refusals.end());
    turn->stopped_by_work = stop_work && stop_work(others);
    return turn->stopped_by_work || turn->lesson.early_refused;
  };
  return whole;
}

// The user's side of a mark that comes without a capture of its own.
UserTransaction user_work(const MarkWork& work, PaymentMarkPtr mark, std::shared_ptr<bool> beside_refused,
                          UnixSeconds now) {
  UserTransaction transaction;
  transaction.user = work.user;
  transaction.answer = [answer = work.answer](const Context&) { return answer; };
  transaction.plan = [work, mark, now](const UserView& view) -> Result<std::optional<UserPlan>> {
    if (lacks_capture(view, work.result)) return std::nullopt;
    UserPlan plan;
    plan.next = view.context ? *view.context : new_context(work.user, now);
    plan.next.row.ring = view.ring;
    plan.operations = work.beside;
    if (const auto* capture = pending_capture(view, work.result)) {
      plan.operations.emplace_back(set_refunded(pending_key(work.user, capture->id), capture->refunded_cents,
                                                refunded_after(*capture, 0, mark->balance().refunded)));
    }
    return plan;
  };
  transaction.stop = [count = work.beside.size(), beside_refused](const Refusals& refusals) {
    const auto end = refusals.begin() + static_cast<std::ptrdiff_t>(count);
    *beside_refused = std::any_of(refusals.begin(), end, [](const auto& one) { return one.refused; });
    return *beside_refused;
  };
  return transaction;
}

// Without the user's state. Nothing: what was learnt asks for another turn.
Task<Result<std::optional<MarkEnding>>> write_alone(CorePtr core, PaymentMarkPtr mark, MarkWork work,
                                                    WriteCall call) {
  auto operations = mark_operations(*mark);
  std::ranges::move(work.beside, std::back_inserter(operations));
  CO_TRY(auto outcome,
         co_await transact_once(core, std::move(operations), call, work.user, std::move(work.answer)));
  if (outcome.applied) co_return MarkEnding::Written;
  const auto& refusals = outcome.refusals;
  const auto lesson = judge(*mark, refusals);
  if (mark->standing) co_return MarkEnding::Standing;
  if (std::any_of(refusals.begin() + kOwnOperations, refusals.end(),
                  [](const auto& one) { return one.refused; })) {
    co_return MarkEnding::BesideRefused;
  }
  CO_TRY_OK(learn(*mark, lesson));
  co_return std::nullopt;
}

}  // namespace

table::Put mark_of(const TransactionId& payment, const std::string& user, const Capture& capture,
                   const WriteCall& call, UnixSeconds lifetime) {
  ProcessedTransaction record;
  record.transaction = payment.text();
  record.user_pubkey = user;
  record.cred_amount = capture.amount_cents;
  record.processed_at = call.call.now;
  record.result = capture.id;
  auto put = put_processed(record, mark_id(call), stored_at(capture.id) + lifetime);
  if (capture.currency) put.item.attributes.set(std::string(attribute::kCurrency), *capture.currency);
  return put;
}

RefundBalance PaymentMark::balance() const {
  if (!early) return {};
  Paid paid;
  if (const auto* amount = put.item.find(attribute::kCredAmount))
    paid.amount = amount->as_uint64().value_or(0);
  if (const auto* currency = put.item.string(attribute::kCurrency)) paid.currency = *currency;
  return balance_of(*early, paid);
}

std::optional<NamedMark> name_of(const PaymentMark& mark) {
  if (mark.put.item.key.pk.empty()) return std::nullopt;
  return NamedMark{transaction_of(mark), mark.put.item.int64(attribute::kTtl).value_or(0)};
}

std::vector<table::Operation> mark_operations(const PaymentMark& mark) {
  auto put = mark.put;
  if (const auto refunded = mark.balance().refunded; refunded > 0) {
    put.item.attributes.set(std::string(attribute::kRefundedCents), table::Value::number(refunded));
  }
  const auto expires_at = put.item.int64(attribute::kTtl).value_or(0);
  std::vector<table::Operation> operations;
  operations.emplace_back(std::move(put));
  operations.push_back(ledger_operation(mark, expires_at));
  return operations;
}

std::string_view mark_id(const WriteCall& call) {
  return call.request ? std::string_view(call.request->id) : std::string_view(call.write_id);
}

bool is_made_by(const ProcessedRow& mark, const WriteCall& call) {
  return mark.write_id == mark_id(call);
}

Capture less_early_refunds(Capture capture, const PaymentMark& mark) {
  capture.refunded_cents = refunded_after(capture, 0, mark.balance().refunded);
  return capture;
}

Task<Result<UserEnding>> run_payment_transaction(CorePtr core, UserTransaction work, PaymentMarkPtr mark,
                                                 WriteCall call) {
  for (int count = 0; count < kMaxTurns; ++count) {
    auto turn = std::make_shared<Turn>();
    auto whole = with_mark(work, mark, turn, call.call.now);
    auto ending = co_await run_user_transaction(core, std::move(whole), call);
    if (!ending || ending->how != How::Stopped || mark->standing) co_return ending;
    CO_TRY_OK(learn(*mark, turn->lesson));
    if (turn->stopped_by_work) co_return ending;
    work.held = std::move(ending->view);
  }
  co_return kept_changing(*mark);
}

Task<Result<MarkEnding>> write_mark(CorePtr core, PaymentMarkPtr mark, MarkWork work, WriteCall call) {
  bool with_user = true;
  for (int count = 0; count < kMaxTurns; ++count) {
    CO_TRY_OK(co_await pause_before_retry(count, call.call.deadline));
    if (mark->balance().refunded == 0 || !with_user) {
      CO_TRY(auto ending, co_await write_alone(core, mark, work, call));
      if (ending) co_return *ending;
      continue;
    }
    auto beside_refused = std::make_shared<bool>(false);
    auto transaction = user_work(work, mark, beside_refused, call.call.now);
    auto ending = co_await run_payment_transaction(core, std::move(transaction), mark, call);
    if (ending && ending->how == How::Written) co_return MarkEnding::Written;
    if (ending && mark->standing) co_return MarkEnding::Standing;
    if (ending && *beside_refused) co_return MarkEnding::BesideRefused;
    if (!ending && ending.error().code != ErrorCode::Erased) {
      co_return std::unexpected(std::move(ending.error()));
    }
    with_user = false;  // erased
  }
  co_return kept_changing(*mark);
}

}  // namespace loopstate::store
