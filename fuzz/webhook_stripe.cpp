// Any bytes as the body of a Stripe event.
#include "webhook_event_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopstate;
  fuzz::check_event(
      webhook::read_stripe_event(fuzz::text_of(data, size), fuzz::pepper(), webhook::TestPayments::Accept),
      webhook::Provider::Stripe);
  return 0;
}
