// Records a purchase once, however often it is reported.
#include <iostream>
#include <loopstate/loopstate.hpp>

using namespace loopstate;

int main() try {
  BlockingStore store = or_throw(BlockingStore::open("embedded:./shop.db"));
  const UserId user{"shopper-1"};  // a literal is checked when it is compiled
  or_throw(store.link(Fingerprint{"card-1"}, user, "4242"));
  auto outcome =
      or_throw(store.record_capture({.transaction = TransactionId{"shop:payment-1"},
                                     .fingerprint = Fingerprint{"card-1"},
                                     .capture = {.merchant_id = "coffee-shop", .amount = {450, "EUR"}},
                                     .event = {.event_type = "purchase", .summary = "a coffee"}}));
  std::cout << (outcome.recorded() ? "recorded" : "seen before") << '\n';
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
