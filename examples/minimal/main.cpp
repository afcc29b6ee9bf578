// Remembers a purchase once, however often it is told of it, and shows what is known of the user.
#include <iostream>
#include <loopstate/blocking.hpp>
#include <loopstate/open.hpp>

using namespace loopstate;

namespace {

int failed(const Error& error) {
  std::cerr << to_string(error.code) << ": " << error.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  settings.url = argc > 1 ? argv[1] : "embedded:./minimal.db";
  auto opened = open(settings);
  if (!opened) return failed(opened.error());
  BlockingStore store(std::move(*opened));

  const auto user = UserId::parse("shopper-1");
  const auto card = Fingerprint::parse("card-1");
  const auto payment = TransactionId::parse("shop:payment-1");
  if (!user || !card || !payment) return 1;

  if (auto linked = store.link(*card, *user, "4242"); !linked) return failed(linked.error());

  Capture capture;
  capture.merchant_id = "coffee-shop";
  capture.amount_cents = 450;
  capture.currency = "EUR";
  ContextEvent event;
  event.event_type = "purchase";
  event.summary = "a coffee for 4.50 EUR";
  event.amount = 450;

  for (int delivery = 1; delivery <= 3; ++delivery) {
    auto outcome = store.record_capture({*payment, *card, capture, event, {}});
    if (!outcome) return failed(outcome.error());
    const bool recorded = outcome->state == RecordOutcome::State::Recorded;
    std::cout << "delivery " << delivery << ": " << (recorded ? "recorded" : "seen before") << '\n';
  }

  auto snapshot = store.snapshot(*user);
  if (!snapshot) return failed(snapshot.error());
  for (const Capture& pending : snapshot->captures) {
    std::cout << "pending: " << pending.amount_cents << " at " << pending.merchant_id << '\n';
  }
  return 0;
}
