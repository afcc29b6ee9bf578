// Reads a Stripe delivery twice: as it was signed, and with another amount.
#include <iostream>
#include <loopstate/webhook.hpp>
#include <map>
#include <string>
#include <utility>

using namespace loopstate;

namespace {

/// Invented, as is the card.
const std::map<std::string, std::string, std::less<>> kSecrets = {
    {"STRIPE_WEBHOOK_SECRET", "whsec_invented"},
    {"LOOPSTATE_PEPPER", "YW4gaW52ZW50ZWQgcGVwcGVyIG9mIDMyIGJ5dGVzLi4="},
};

webhook::Delivery charge(std::string_view amount) {
  webhook::Delivery delivery;
  delivery.provider = webhook::Provider::Stripe;
  delivery.headers.add("Stripe-Signature",
                       "t=1795194253,v1=47e67484a1a10c708d713c5e0892bebb250810b54e5723b9344e10deb479c326");
  delivery.received_at_ms = 1'795'194'254'000;
  delivery.body = R"({"id":"evt_1","object":"event","type":"charge.succeeded","created":1795194252,)"
                  R"("livemode":true,"data":{"object":{"id":"ch_1","object":"charge","amount":1999,)"
                  R"("amount_captured":)";
  delivery.body += amount;
  delivery.body += R"(,"amount_refunded":0,"captured":true,"paid":true,"status":"succeeded",)"
                   R"("created":1795194250,"currency":"eur","livemode":true,"payment_method_details":)"
                   R"({"type":"card","card":{"brand":"visa","fingerprint":"an-invented-card",)"
                   R"("last4":"4242"}}}}})";
  return delivery;
}

}  // namespace

int main() {
  const auto receiver =
      webhook::Receiver::from_environment([](std::string_view name) -> std::optional<std::string> {
        const auto found = kSecrets.find(name);
        return found == kSecrets.end() ? std::nullopt : std::optional(found->second);
      });
  if (!receiver) {
    std::cout << receiver.error().message << '\n';
    return 1;
  }
  for (const auto* amount : {"1999", "9991"}) {
    const auto event = receiver->read(charge(amount));
    if (!event) {
      std::cout << "refused: " << to_string(event.error().kind) << '\n';
    } else if (const auto* purchase = std::get_if<webhook::Purchase>(&*event)) {
      std::cout << "a purchase with a " << purchase->card_brand << " card ending in " << purchase->card_last4
                << '\n';
    } else {
      std::cout << "something else\n";
    }
  }
}
