// The ledger of a payment's refunds and disputes as an item: `TXN#{payment}|REFUNDED`. It exists even before
// the payment, if a refund comes first.
#pragma once

#include <optional>

#include "loopstate/context.hpp"
#include "store/rows/refund_ledger.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// CorruptItem names the item and the field.
Result<RefundLedger> refund_ledger_from_row(const table::Item& row);
Result<std::optional<RefundLedger>> refund_ledger_from_row(const std::optional<table::Item>& row);

/// Holds while no report has come since `ledger` was read.
table::Condition refund_ledger_is(const std::optional<RefundLedger>& ledger);

/// Writes `next` over `before`; ItemTooLarge past 400 KB, about 1,500 refunds of one payment.
table::Put put_refund_ledger(std::string_view payment, const std::optional<RefundLedger>& before,
                             const RefundLedger& next);

/// What the user's context says about money that went back: "3.00 EUR refunded", or that it counts again.
ContextEvent refund_event(RefundRecord::Kind kind, const Money& amount, Timestamp at);
ContextEvent undone_event(RefundRecord::Kind kind, const Money& amount, Timestamp at);

}  // namespace loopstate::store
