#include "store/rules/payment.hpp"

#include <utility>

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/ring.hpp"
#include "store/rules/refunded_capture.hpp"
#include "store/spine/request.hpp"

namespace loopstate::store {
namespace {

// The ledger lives as long as the mark: without it, a refund reported again would count as a new one.
table::Operation ledger_operation(const table::Put& mark, const std::optional<RefundLedger>& refunds) {
  const auto payment = mark.item.key.pk.substr(kTransactionPrefix.size());
  const auto expires_at = mark.item.time(attribute::kTtl).value_or(Timestamp{});
  if (!refunds || refunds->expires_at >= expires_at) {
    return table::Check{refund_ledger_key(payment), refund_ledger_is(refunds)};
  }
  auto longer = *refunds;
  longer.expires_at = expires_at;
  return put_refund_ledger(payment, refunds, longer);
}

}  // namespace

table::Put mark_of(const TransactionId& payment, const std::string& user, const Capture& capture,
                   const WriteCall& call, std::chrono::seconds lifetime) {
  ProcessedTransaction record;
  record.transaction = payment;
  record.user = stored_name<UserId>(user);
  record.cred_amount = capture.amount.minor_units;
  record.processed_at = call.call.now;
  record.result = capture.id;
  auto put = put_processed(record, mark_id(call), stored_at(capture.id) + lifetime);
  if (capture.amount.currency.known()) {
    put.item.attributes.set(std::string(attribute::kCurrency), capture.amount.currency.text());
  }
  return put;
}

NamedMark name_of(const table::Put& mark) {
  return {mark.item.key.pk.substr(kTransactionPrefix.size()),
          mark.item.time(attribute::kTtl).value_or(Timestamp{})};
}

std::string_view mark_id(const WriteCall& call) {
  return call.request ? std::string_view(call.request->id) : std::string_view(call.write_id);
}

bool is_made_by(const ProcessedRow& mark, const WriteCall& call) {
  return mark.write_id == mark_id(call);
}

RefundBalance early_refunds(const table::Put& mark, const KnownPayment& known) {
  if (!known.refunds) return {};
  Paid paid;
  if (const auto* amount = mark.item.find(attribute::kCredAmount))
    paid.amount = amount->as_uint64().value_or(0);
  paid.currency = read_currency(mark.item).value_or(Currency{});
  return balance_of(*known.refunds, paid);
}

Capture less_early_refunds(Capture capture, const RefundBalance& early) {
  capture.refunded.minor_units = refunded_after(capture, 0, early.refunded);
  return capture;
}

void add_early_refund_event(Context& next, const RefundBalance& early, Timestamp now) {
  if (early.refunded == 0) return;
  const Money taken{early.refunded, early.currency};
  auto event = refund_event(RefundRecord::Kind::Refund, taken, early.last_at);
  add_event(next, std::move(event), now);
}

void add_mark(Steps& steps, const table::Put& mark, const KnownPayment& known) {
  auto put = mark;
  if (const auto refunded = early_refunds(mark, known).refunded; refunded > 0) {
    put.item.attributes.set(std::string(attribute::kRefundedCents), table::Value::number(refunded));
  }
  steps.add(Role::Mark, std::move(put));
  steps.add(Role::Refunds, ledger_operation(mark, known.refunds));
}

Result<void> learn_payment(KnownPayment& known, const Refusals& refusals) {
  if (const auto mark = refusals.item(Role::Mark)) {
    TRY(auto processed, processed_from_row(*mark));
    known.mark = std::move(processed);
  }
  if (refusals.refused(Role::Refunds)) {
    TRY(auto refunds, refund_ledger_from_row(refusals.item(Role::Refunds)));
    known.refunds = std::move(refunds);
  }
  return {};
}

}  // namespace loopstate::store
