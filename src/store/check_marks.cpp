#include "store/check_marks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "store/attributes.hpp"
#include "store/check_partition.hpp"
#include "store/keys.hpp"
#include "store/payment_mark.hpp"
#include "store/refunded_capture.hpp"
#include "store/request.hpp"
#include "store/ring.hpp"
#include "store/write_id.hpp"

namespace loopstate::store {
namespace {

using How = UserEnding::How;

// As long as before this attempt.
constexpr int kPauseOfTransaction = 3;

bool is_absent(const Result<std::optional<table::Item>>& item) {
  return item && !*item;
}

// Whether the capture is there still, and its mark is not: a moment later, since a transaction that is being
// made may show one of the two before the other.
Task<Result<bool>> lacks_its_mark(CorePtr core, MarkedCapture capture, table::Call call) {
  if (auto waited = co_await pause_before_retry(kPauseOfTransaction, call.deadline); !waited) {
    co_return std::unexpected(std::move(waited.error()));
  }
  std::vector<table::Key> keys;
  keys.push_back(pending_key(capture.user, capture.id));
  keys.push_back(processed_key(capture.mark.transaction));
  auto rows = co_await core->table->batch_get(std::move(keys), call);
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  const auto& row = rows->front();
  co_return row && row->has_value() && is_absent(rows->back());
}

struct PaymentRows {
  Capture capture;
  std::optional<RefundLedger> ledger;
};

// Nothing where the capture has gone, or the mark is there.
Task<Result<std::optional<PaymentRows>>> read_payment(CorePtr core, MarkedCapture capture, table::Call call) {
  std::vector<table::Key> keys;
  keys.push_back(pending_key(capture.user, capture.id));
  keys.push_back(processed_key(capture.mark.transaction));
  keys.push_back(refund_ledger_key(capture.mark.transaction));
  auto rows = co_await read_rows(core, std::move(keys), call);
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  const auto& row = rows->front();
  if (!row || (*rows)[1]) co_return std::nullopt;
  auto pending = capture_from_row(*row);
  if (!pending) co_return std::unexpected(std::move(pending.error()));
  auto ledger = refund_ledger_from_row((*rows)[2]);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  co_return PaymentRows{std::move(*pending), std::move(*ledger)};
}

PaymentMark mark_again(const MarkedCapture& lacking, const PaymentRows& rows, const WriteCall& write) {
  const auto& capture = rows.capture;
  ProcessedTransaction record;
  record.transaction = lacking.mark.transaction;
  record.user_pubkey = lacking.user;
  record.cred_amount = capture.amount_cents;
  record.processed_at = stored_at(capture.id);
  record.result = capture.id;
  PaymentMark mark;
  mark.put = put_processed(record, write.write_id, lacking.mark.until);
  auto& attributes = mark.put.item.attributes;
  if (capture.currency) attributes.set(std::string(attribute::kCurrency), *capture.currency);
  // Where the ledger has gone as well, what the capture says.
  if (!rows.ledger && capture.refunded_cents > 0) {
    attributes.set(std::string(attribute::kRefundedCents), table::Value::number(capture.refunded_cents));
  }
  mark.early = rows.ledger;
  return mark;
}

// The mark beside a capture that stays as it is.
Task<Result<bool>> put_mark(CorePtr core, PaymentMarkPtr mark, std::string user, Capture capture,
                            WriteCall write) {
  auto operations = mark_operations(*mark);
  operations.emplace_back(table::Check{pending_key(user, capture.id), same_refunded(capture.refunded_cents)});
  auto outcome = co_await transact_once(core, std::move(operations), write, std::move(user), {});
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  co_return outcome->applied;
}

// The mark, and what the ledger says now taken off the capture or given back to it.
Task<Result<bool>> put_mark_and_refund(CorePtr core, PaymentMarkPtr mark, std::string user, Capture capture,
                                       WriteCall write) {
  UserTransaction work;
  work.user = user;
  work.plan = [user, mark, capture, now = write.call.now](const UserView& view) {
    const auto before = capture.refunded_cents;
    const auto balance = mark->balance();
    const auto kind = RefundRecord::Kind::Refund;
    UserPlan plan;
    plan.next = view.context ? *view.context : new_context(user, now);
    plan.next.row.ring = view.ring;
    add_event(plan.next,
              balance.refunded > before
                  ? refund_event(kind, balance.refunded - before, balance.currency, balance.last_at)
                  : undone_event(kind, before - balance.refunded, balance.currency, balance.last_at),
              now);
    plan.operations = mark_operations(*mark);
    plan.operations.emplace_back(set_refunded(pending_key(user, capture.id), before, balance.refunded));
    return Result<std::optional<UserPlan>>(std::move(plan));
  };
  work.stop = [](const auto& refusals) {
    return std::ranges::any_of(refusals, [](const auto& refusal) { return refusal.refused; });
  };
  auto ending = co_await run_user_transaction(std::move(core), std::move(work), std::move(write));
  if (ending) co_return ending->how == How::Written;
  // Erased meanwhile, and the capture with the user.
  if (ending.error().code == ErrorCode::Erased) co_return false;
  co_return std::unexpected(std::move(ending.error()));
}

}  // namespace

Result<std::optional<MarkedCapture>> marked_capture(std::string user, const table::Item& row,
                                                    const Capture& capture, UnixSeconds now) {
  auto mark = named_mark(row);
  if (!mark) return std::unexpected(std::move(mark.error()));
  if (!*mark || (*mark)->until <= now || is_over(capture, now)) return std::nullopt;
  return MarkedCapture{std::move(user), capture.id, std::move(**mark)};
}

Task<Result<std::vector<MarkedCapture>>> without_mark(CorePtr core, std::vector<MarkedCapture> captures,
                                                      table::Call call) {
  std::vector<table::Key> keys;
  for (const auto& capture : captures) {
    auto key = processed_key(capture.mark.transaction);
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  }
  std::vector<table::Key> asked = keys;
  auto marks = co_await core->table->batch_get(std::move(asked), call);
  if (!marks) co_return std::unexpected(std::move(marks.error()));
  std::vector<MarkedCapture> lacking;
  for (auto& capture : captures) {
    const auto place = std::ranges::find(keys, processed_key(capture.mark.transaction)) - keys.begin();
    if (!is_absent((*marks)[static_cast<std::size_t>(place)])) continue;
    auto lacks = co_await lacks_its_mark(core, capture, call);
    if (!lacks) co_return std::unexpected(std::move(lacks.error()));
    if (*lacks) lacking.push_back(std::move(capture));
  }
  co_return lacking;
}

CheckFinding finding_of(const MarkedCapture& capture) {
  return {CheckFinding::Kind::CaptureWithoutMark, item_name(pending_key(capture.user, capture.id)),
          fmt::format("the mark of its payment {} is not there, so that a redelivery would be counted again",
                      capture.mark.transaction),
          false};
}

Task<Result<bool>> restore_mark(CorePtr core, MarkedCapture capture, table::Call call) {
  auto rows = co_await read_payment(core, capture, call);
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  if (!*rows) co_return false;
  WriteCall write;
  write.call = call;
  write.write_id = new_write_id(call.now);
  auto mark = std::make_shared<PaymentMark>(mark_again(capture, **rows, write));
  const bool counted = !mark->early || mark->balance().refunded == (*rows)->capture.refunded_cents;
  auto putting =
      counted ? put_mark(core, std::move(mark), std::move(capture.user), (*rows)->capture, std::move(write))
              : put_mark_and_refund(core, std::move(mark), std::move(capture.user), (*rows)->capture,
                                    std::move(write));
  co_return co_await std::move(putting);
}

}  // namespace loopstate::store
