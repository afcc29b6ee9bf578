// What a verified body means, one function per provider. The signature has already been checked.
#pragma once

#include <string_view>

#include "loopstate/webhook_event.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/refusal.hpp"
#include "webhook/settings.hpp"

namespace loopstate::webhook {

// MalformedPayload names the member; UnsupportedPayload says what to change.

/// Square, event payloads of its Payments API. A completed payment with card details is a purchase, whichever
/// of `payment.created` and `payment.updated` brings it; a completed, rejected or failed refund and a
/// dispute that has ended are reported as such. Its payloads do not say whether they are from the sandbox.
Checked<Event> read_square_event(std::string_view body, Peppers peppers);

/// Stripe, snapshot events. A captured charge is a purchase; `charge.refunded` is the running total of its
/// refunds, a refund object says only that it failed; `charge.dispute.*` is a dispute. Events of test mode
/// (`livemode` false) are TestPayment unless they are accepted; a `livemode` that is no boolean is refused.
Checked<Event> read_stripe_event(std::string_view body, Peppers peppers, TestPayments test_payments);

/// Fidel: the bare transaction or card; `kind` comes from the secret that verified. A cleared transaction
/// above zero is a purchase, one below zero a refund. Anything with `live` false, like cards of the sandbox,
/// is a TestPayment unless that is accepted.
Checked<Event> read_fidel_event(FidelKind kind, std::string_view body, Peppers peppers,
                                TestPayments test_payments);

}  // namespace loopstate::webhook
