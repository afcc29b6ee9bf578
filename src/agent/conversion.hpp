// What a verified event becomes in the store: texts and records; makes no calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loopstate/store.hpp"
#include "loopstate/webhook_event.hpp"

namespace loopstate::agent {

/// Event type "capture": "12.50 EUR at Corner Café".
PurchaseRecord record_of(const webhook::Purchase& purchase);

/// Event type "refund": "3.00 EUR refunded".
ContextEvent event_of(const webhook::Refund& refund);
/// The refund names its payment.
RefundRecord record_of(const webhook::Refund& refund);

}  // namespace loopstate::agent
