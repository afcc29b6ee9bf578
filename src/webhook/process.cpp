#include "webhook/process.hpp"

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/try.hpp"
#include "crypto/wipe.hpp"
#include "webhook/read_event.hpp"
#include "webhook/signing.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {
namespace {

Checked<Event> process_square(const Delivery& delivery, const WebhookSettings& settings) {
  TRY_OK(verify_square(delivery, settings.square));
  // Not signed, but only Square can send the signed part: anyone able to change the header could also drop
  // the delivery.
  const auto environment = delivery.headers.find(kSquareEnvironmentHeader);
  if (settings.test_payments == TestPayments::Ignore && environment &&
      equals_ignoring_case(*environment, "Sandbox")) {
    return TestPayment{"an event from Square's sandbox, where no money moves"};
  }
  return read_square_event(delivery.body, settings.peppers());
}

// A signature made just now is the provider's own statement of the time.
Checked<Event> told_at(Checked<Event> event, Timestamp signed_at) {
  if (auto* purchase = event ? std::get_if<Purchase>(&*event) : nullptr) purchase->told_at = signed_at;
  return event;
}

Checked<Event> process_stripe(const Delivery& delivery, const WebhookSettings& settings) {
  TRY(const auto signed_at, verify_stripe(delivery, settings.stripe));
  return told_at(read_stripe_event(delivery.body, settings.peppers(), settings.test_payments), signed_at);
}

Checked<Event> process_fidel(const Delivery& delivery, const WebhookSettings& settings) {
  TRY(const auto kind, verify_fidel(delivery, settings.fidel));
  // Fidel's timestamp has been found to match the arrival's, give or take five minutes.
  return told_at(read_fidel_event(kind, delivery.body, settings.peppers(), settings.test_payments),
                 delivery.received_at());
}

Checked<Event> dispatch(const Delivery& delivery, const WebhookSettings& settings) {
  if (!settings.is_on(delivery.provider)) {
    return refuse(RefusalKind::SwitchedOff,
                  fmt::format("{} is switched off: no secret is set", to_string(delivery.provider)));
  }
  switch (delivery.provider) {
    case Provider::Square:
      return process_square(delivery, settings);
    case Provider::Stripe:
      return process_stripe(delivery, settings);
    case Provider::Fidel:
      return process_fidel(delivery, settings);
  }
  return refuse(RefusalKind::SwitchedOff, "an unknown provider");
}

}  // namespace

Checked<Event> process(Delivery delivery, const WebhookSettings& settings) {
  auto event = dispatch(delivery, settings);
  crypto::wipe(delivery.body);
  crypto::wipe_stack();
  return event;
}

}  // namespace loopstate::webhook
