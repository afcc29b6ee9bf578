// What a provider's report about a dispute means for the money.
#pragma once

#include <optional>
#include <string_view>

#include "loopstate/webhook_event.hpp"

namespace loopstate::webhook {

/// Stripe, by the event's type and the dispute's status. A status that ends the dispute overrides the type:
/// won, warning_closed (an inquiry that did not become a dispute) and prevented give the money back, lost
/// keeps it. Before that `charge.dispute.funds_withdrawn` takes it and `charge.dispute.funds_reinstated`
/// returns it. Nothing: no money moved. Source: docs.stripe.com/api/disputes/object,
/// docs.stripe.com/disputes/how-disputes-work.
std::optional<RefundState> stripe_dispute_state(std::string_view type, std::string_view status) noexcept;

/// Square, by the dispute's state: LOST and ACCEPTED are lost, WON and INQUIRY_CLOSED give the money back.
/// Nothing for disputes still in progress. Source: developer.squareup.com/docs/disputes-api, "DisputeState".
std::optional<RefundState> square_dispute_state(std::string_view state) noexcept;

}  // namespace loopstate::webhook
