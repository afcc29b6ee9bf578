#include "store/upkeep/check_marks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/ring.hpp"
#include "store/rows/write_id.hpp"
#include "store/rules/payment.hpp"
#include "store/rules/refunded_capture.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/user_steps.hpp"
#include "store/upkeep/check_partition.hpp"

namespace loopstate::store {
namespace {

// As long as before this attempt.
constexpr int kPauseOfTransaction = 3;

bool is_absent(const Result<std::optional<table::Item>>& item) {
  return item && !*item;
}

// Whether the capture is still there and its mark is not: checked a moment later, since a transaction in
// progress may show one of the two before the other.
Task<Result<bool>> lacks_its_mark(CorePtr core, MarkedCapture capture, table::Call call) {
  CO_TRY_OK(co_await pause_before_retry(kPauseOfTransaction, call.deadline));
  std::vector<table::Key> keys;
  keys.push_back(pending_key(capture.user, capture.id));
  keys.push_back(processed_key(capture.mark.transaction));
  CO_TRY(auto rows, co_await core->table->batch_get(std::move(keys), call));
  const auto& row = rows.front();
  co_return row && row->has_value() && is_absent(rows.back());
}

struct PaymentRows {
  Capture capture;
  std::optional<RefundLedger> ledger;
};

// Nothing if the capture is gone, or the mark is there.
Task<Result<std::optional<PaymentRows>>> read_payment(CorePtr core, MarkedCapture capture, table::Call call) {
  std::vector<table::Key> keys;
  keys.push_back(pending_key(capture.user, capture.id));
  keys.push_back(processed_key(capture.mark.transaction));
  keys.push_back(refund_ledger_key(capture.mark.transaction));
  CO_TRY(auto rows, co_await read_rows(core, std::move(keys), call));
  const auto& row = rows.front();
  if (!row || rows[1]) co_return std::nullopt;
  CO_TRY(auto pending, capture_from_row(*row));
  CO_TRY(auto ledger, refund_ledger_from_row(rows[2]));
  co_return PaymentRows{std::move(pending), std::move(ledger)};
}

// The mark as it was.
table::Put mark_again(const MarkedCapture& lacking, const PaymentRows& rows, const WriteCall& write) {
  const auto& capture = rows.capture;
  ProcessedTransaction record;
  record.transaction = stored_name<TransactionId>(lacking.mark.transaction);
  record.user = stored_name<UserId>(lacking.user);
  record.cred_amount = capture.amount.minor_units;
  record.processed_at = stored_at(capture.id);
  record.result = capture.id;
  auto mark = put_processed(record, write.write_id, lacking.mark.until);
  auto& attributes = mark.item.attributes;
  if (capture.amount.currency.known()) {
    attributes.set(std::string(attribute::kCurrency), capture.amount.currency.text());
  }
  // If the ledger is gone as well, what the capture says.
  if (!rows.ledger && capture.refunded.minor_units > 0) {
    attributes.set(std::string(attribute::kRefundedCents),
                   table::Value::number(capture.refunded.minor_units));
  }
  return mark;
}

// What stays the same over all attempts.
struct Restoration {
  std::string user;
  Capture capture;  // as it was read
  table::Put mark;
  KnownPayment payment;
  RefundBalance balance;  // according to the ledger
  WriteCall write;
};

struct KnownRestoration {
  bool overtaken = false;  // payment or capture have changed meanwhile
  std::optional<UserView> user;
};

// The mark beside a capture that stays as it is.
Write<bool> put_mark(const Restoration& work) {
  const auto& capture = work.capture;
  Write<bool> write;
  add_mark(write.steps, work.mark, work.payment);
  write.steps.add(Role::Capture, table::Check{pending_key(work.user, capture.id),
                                              same_refunded(capture.refunded.minor_units)});
  write.answer = true;
  return write;
}

ContextEvent event_of(const RefundBalance& balance, std::uint64_t before) {
  const auto kind = RefundRecord::Kind::Refund;
  if (balance.refunded > before) {
    return refund_event(kind, {balance.refunded - before, balance.currency}, balance.last_at);
  }
  return undone_event(kind, {before - balance.refunded, balance.currency}, balance.last_at);
}

// The mark; and what the ledger now says is deducted from the capture or given back to it.
Result<Plan<bool>> plan_restoration(const Restoration& work, const KnownRestoration& known) {
  if (known.overtaken) return Settled<bool>{false};
  const auto before = work.capture.refunded.minor_units;
  if (!work.payment.refunds || work.balance.refunded == before) return put_mark(work);
  if (!known.user) return Read{};
  const auto& view = *known.user;
  const auto now = work.write.call.now;
  auto next = changed_from(view, work.user, now);
  add_event(next, event_of(work.balance, before), now);
  next = successor(std::move(next), view, work.write);
  Write<bool> write;
  add_context(write.steps, view, next);
  add_mark(write.steps, work.mark, work.payment);
  write.steps.add(Role::Capture,
                  set_refunded(pending_key(work.user, work.capture.id), before, work.balance.refunded));
  write.answer = true;
  return write;
}

Result<void> learn_restoration(const Restoration& work, KnownRestoration& known, const Refusals& refusals) {
  known.overtaken =
      std::ranges::any_of(refusals.all(), [](const Refusals::One& one) { return one.role != Role::Context; });
  if (known.overtaken) return {};
  return learn_user(known.user, refusals, work.user);
}

Task<Result<KnownRestoration>> read_owner(CorePtr core, std::string user, table::Call call,
                                          KnownRestoration known) {
  CO_TRY(known.user, co_await load_view(std::move(core), std::move(user), call));
  co_return known;
}

Task<Result<bool>> restore(CorePtr core, Restoration asked) {
  auto work = std::make_shared<const Restoration>(std::move(asked));
  Rule<KnownRestoration, bool> rule;
  rule.subject = "the state of user " + work->user;
  rule.plan = [work](const KnownRestoration& known) { return plan_restoration(*work, known); };
  rule.read = [core, work](KnownRestoration known, table::Call call) {
    return read_owner(core, work->user, call, std::move(known));
  };
  rule.learn = [work](KnownRestoration& known, const Refusals& refusals) {
    return learn_restoration(*work, known, refusals);
  };
  return run_rule(std::move(core), std::move(rule), KnownRestoration{}, work->write);
}

}  // namespace

Result<std::optional<MarkedCapture>> marked_capture(std::string user, const table::Item& row,
                                                    const Capture& capture, Timestamp now) {
  TRY(auto mark, named_mark(row));
  if (!mark || mark->until <= now || is_over(capture, now)) return std::nullopt;
  return MarkedCapture{std::move(user), capture.id, std::move(*mark)};
}

Task<Result<std::vector<MarkedCapture>>> without_mark(CorePtr core, std::vector<MarkedCapture> captures,
                                                      table::Call call) {
  std::vector<table::Key> keys;
  for (const auto& capture : captures) {
    auto key = processed_key(capture.mark.transaction);
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  }
  std::vector<table::Key> asked = keys;
  CO_TRY(auto marks, co_await core->table->batch_get(std::move(asked), call));
  std::vector<MarkedCapture> lacking;
  for (auto& capture : captures) {
    const auto place = std::ranges::find(keys, processed_key(capture.mark.transaction)) - keys.begin();
    if (!is_absent(marks[static_cast<std::size_t>(place)])) continue;
    CO_TRY(auto lacks, co_await lacks_its_mark(core, capture, call));
    if (lacks) lacking.push_back(std::move(capture));
  }
  co_return lacking;
}

CheckFinding finding_of(const MarkedCapture& capture) {
  return {CheckFinding::Kind::CaptureWithoutMark, item_name(pending_key(capture.user, capture.id)),
          fmt::format("the mark of its payment {} is missing, so that a redelivery would be counted again",
                      capture.mark.transaction),
          false};
}

Task<Result<bool>> restore_mark(CorePtr core, MarkedCapture capture, table::Call call) {
  CO_TRY(auto rows, co_await read_payment(core, capture, call));
  if (!rows) co_return false;
  Restoration work;
  work.write.call = call;
  work.write.write_id = new_write_id(call.now);
  work.mark = mark_again(capture, *rows, work.write);
  work.payment.refunds = std::move(rows->ledger);
  work.balance = early_refunds(work.mark, work.payment);
  work.user = std::move(capture.user);
  work.capture = std::move(rows->capture);
  auto restoring = restore(std::move(core), std::move(work));
  auto restored = co_await std::move(restoring);
  // Erased meanwhile, and the capture with the user.
  if (!restored && restored.error().code == ErrorCode::Erased) co_return false;
  co_return restored;
}

}  // namespace loopstate::store
