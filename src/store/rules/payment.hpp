// The mark of a payment, written together with what was taken back before the payment came: every way of
// marking one has these two steps, so that an early refund counts whichever way it is.
#pragma once

#include <optional>
#include <string>

#include "store/rows/capture_row.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rows/refund_ledger_row.hpp"
#include "store/spine/steps.hpp"

namespace loopstate::store {

/// What is known of a payment that is to be marked.
struct KnownPayment {
  std::optional<ProcessedRow> mark;     ///< there already
  std::optional<RefundLedger> refunds;  ///< reported before it
};

/// The mark of a payment whose capture, complete, is written with it. It lives for `lifetime` from when the
/// capture is stored.
table::Put mark_of(const TransactionId& payment, const std::string& user, const Capture& capture,
                   const WriteCall& call, std::chrono::seconds lifetime);

/// The mark as the row of its capture names it.
NamedMark name_of(const table::Put& mark);

/// Under which id a mark is made: the caller's, where the write was named.
std::string_view mark_id(const WriteCall& call);

/// Whether the mark that stands is this call's own, made under its caller's request id.
bool is_made_by(const ProcessedRow& mark, const WriteCall& call);

/// What was taken back before: never more than the mark says was paid.
RefundBalance early_refunds(const table::Put& mark, const KnownPayment& known);

/// The payment's capture, with what was taken back before it was there.
Capture less_early_refunds(Capture capture, const RefundBalance& early);

/// The event that tells of them; nothing where nothing was taken back.
void add_early_refund_event(Context& next, const RefundBalance& early, Timestamp now);

/// Role::Mark and Role::Refunds.
void add_mark(Steps& steps, const table::Put& mark, const KnownPayment& known);

/// What refusals tell of the payment. CorruptItem.
Result<void> learn_payment(KnownPayment& known, const Refusals& refusals);

}  // namespace loopstate::store
