// Refunds of a payment that nobody has recorded yet: `TXN#{payment}|REFUNDED`. After an outage deliveries
// come in any order, and a refund is often tried again sooner than its payment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/context.hpp"
#include "loopstate/store.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// What the payment is recorded with when it comes. It stays beside the payment's mark, so that none of its
/// refunds is counted again.
struct EarlyRefund {
  std::uint64_t refunded_cents = 0;  ///< of all of them; only ever grows
  std::vector<std::string> refunds;  ///< the ids of those
  std::string summary;               ///< of the last one's event
  UnixSeconds refunded_at = 0;       ///< likewise
};

/// CorruptItem names the item and the field.
Result<EarlyRefund> early_refund_from_row(const table::Item& row);
Result<std::optional<EarlyRefund>> early_refund_from_row(const std::optional<table::Item>& row);

bool has_refund(const std::optional<EarlyRefund>& early, const TransactionId& refund);

/// The sum, or the largest number there is.
std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept;

/// With one more; nothing where it adds nothing (a running total that was reached before).
std::optional<EarlyRefund> with_refund(const std::optional<EarlyRefund>& before, const RefundRecord& refund,
                                       UnixSeconds now);

/// Holds while nothing was added since `early` was read.
table::Condition early_refund_is(const std::optional<EarlyRefund>& early);

/// Writes `next` over `before`; together with a check that the payment has no mark.
std::vector<table::Operation> remember_early_refund(const TransactionId& payment,
                                                    const std::optional<EarlyRefund>& before,
                                                    const EarlyRefund& next, UnixSeconds expires_at);

/// What the user's context says of them, beside the purchase.
ContextEvent event_of(const EarlyRefund& early);

}  // namespace loopstate::store
