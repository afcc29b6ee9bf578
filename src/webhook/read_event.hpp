// What a verified body means, a function for each provider. The signature was checked before.
#pragma once

#include <string_view>

#include "crypto/secret.hpp"
#include "webhook/event.hpp"
#include "webhook/refusal.hpp"
#include "webhook/settings.hpp"

namespace loopstate::webhook {

// MalformedPayload names the member; UnsupportedPayload says what to change.

/// Square, event payloads of its Payments API. A completed payment with card details is a purchase, whichever
/// of `payment.created` and `payment.updated` brings it; a completed refund is one.
Checked<Event> read_square_event(std::string_view body, const crypto::Secret& pepper);

/// Stripe, snapshot events. A captured charge is a purchase; `charge.refunded` is a refund.
Checked<Event> read_stripe_event(std::string_view body, const crypto::Secret& pepper);

/// Fidel: the bare transaction or card; `kind` comes from the secret that verified. A cleared transaction
/// above zero is a purchase, one below zero a refund.
Checked<Event> read_fidel_event(FidelKind kind, std::string_view body, const crypto::Secret& pepper);

}  // namespace loopstate::webhook
