#include "loopstate/webhook_event.hpp"

namespace loopstate::webhook {

std::string_view proof_type(Provider provider) noexcept {
  switch (provider) {
    case Provider::Square:
      return "square_pos";
    case Provider::Stripe:
      return "stripe_connect";
    case Provider::Fidel:
      return "fidel";
  }
  return "square_pos";
}

}  // namespace loopstate::webhook
