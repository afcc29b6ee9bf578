// That a payment waited for its card to be linked: `TXN#{id}|WAITED`, written in the transaction that keeps
// the purchase, so that somebody who has only the payment's id learns what became of it. It names neither
// card nor user.
#pragma once

#include "loopstate/questions.hpp"
#include "store/rows/waiting_row.hpp"
#include "table/table.hpp"

namespace loopstate::store {

table::Key waited_key(std::string_view transaction);

/// How long it is told that nobody linked the card; never longer than the payment's mark would live.
inline constexpr std::chrono::seconds kWaitedLifetime = std::chrono::days(30);

/// CorruptItem names the item and the field. `seen`: whether the payment has a mark.
Result<PaymentWait> waited_from_row(const table::Item& row, bool seen, Timestamp now);

/// Unconditional: it comes with the row of what waits, which is not.
table::Put put_waited(const WaitingPurchase& purchase, Timestamp now);

}  // namespace loopstate::store
