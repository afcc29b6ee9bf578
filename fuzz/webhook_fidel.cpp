// Any bytes as the body of each kind of Fidel event.
#include "webhook_event_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopstate;
  using webhook::FidelKind;
  for (const auto kind : {FidelKind::Auth, FidelKind::Clearing, FidelKind::Refund, FidelKind::CardLinked}) {
    fuzz::check_event(webhook::read_fidel_event(kind, fuzz::text_of(data, size), fuzz::pepper(),
                                                webhook::TestPayments::Accept),
                      webhook::Provider::Fidel);
  }
  return 0;
}
