// The entry point: from the bytes of a delivery to what it means.
#pragma once

#include "loopstate/webhook_delivery.hpp"
#include "loopstate/webhook_event.hpp"
#include "webhook/refusal.hpp"
#include "webhook/settings.hpp"

namespace loopstate::webhook {

/// Verifies the signature over the raw body, and only then reads it. The body is overwritten before this
/// returns, since it names the card. Reads no clock except the delivery's arrival time; may be called from
/// any thread.
Checked<Event> process(Delivery delivery, const WebhookSettings& settings);

}  // namespace loopstate::webhook
