// The mark of a payment, written together with what was taken back before the payment came: every way of
// marking one includes these two steps, so that an early refund counts whichever way is used.
#pragma once

#include <optional>
#include <string>

#include "store/rows/capture_row.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rows/refund_ledger_row.hpp"
#include "store/spine/steps.hpp"

namespace loopstate::store {

/// What is known about a payment to be marked.
struct KnownPayment {
  std::optional<ProcessedRow> mark;     ///< the existing one
  std::optional<RefundLedger> refunds;  ///< reported before it
};

/// The mark of a payment whose completed capture is written with it. It lives for `lifetime` from when the
/// capture is stored.
table::Put mark_of(const TransactionId& payment, const std::string& user, const Capture& capture,
                   const WriteCall& call, std::chrono::seconds lifetime);

/// The mark as the row of its capture names it.
NamedMark name_of(const table::Put& mark);

/// The id under which a mark is made: the caller's, if the write was named.
std::string_view mark_id(const WriteCall& call);

/// Whether the existing mark is this call's own, made under its caller's request id.
bool is_made_by(const ProcessedRow& mark, const WriteCall& call);

/// What was taken back before: never more than the mark says was paid.
RefundBalance early_refunds(const table::Put& mark, const KnownPayment& known);

/// The payment's capture, less what was taken back before it existed.
Capture less_early_refunds(Capture capture, const RefundBalance& early);

/// The event that reports them; nothing if nothing was taken back.
void add_early_refund_event(Context& next, const RefundBalance& early, Timestamp now);

/// Role::Mark and Role::Refunds.
void add_mark(Steps& steps, const table::Put& mark, const KnownPayment& known);

/// What refusals show about the payment. CorruptItem.
Result<void> learn_payment(KnownPayment& known, const Refusals& refusals);

}  // namespace loopstate::store
