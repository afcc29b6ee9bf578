#include "agent/outcome.hpp"

namespace loopstate::agent {

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Recorded:
      return "recorded";
    case Outcome::Duplicate:
      return "duplicate";
    case Outcome::UnknownCard:
      return "unknown_card";
    case Outcome::RefundRecorded:
      return "refund_recorded";
    case Outcome::UnknownPayment:
      return "unknown_payment";
    case Outcome::CardLinked:
      return "card_linked";
    case Outcome::CardNotLinked:
      return "card_not_linked";
    case Outcome::Ignored:
      return "ignored";
    case Outcome::TooOld:
      return "too_old";
    case Outcome::UserErased:
      return "user_erased";
    case Outcome::LocationChanged:
      return "location_changed";
    case Outcome::EventRecorded:
      return "event_recorded";
    case Outcome::Reported:
      return "reported";
    case Outcome::Refused:
      return "refused";
    case Outcome::StoreBusy:
      return "store_busy";
    case Outcome::Failed:
      return "failed";
    case Outcome::RefundUndone:
      return "refund_undone";
    case Outcome::RefundNoted:
      return "refund_noted";
    case Outcome::RefundExceeds:
      return "refund_exceeds";
    case Outcome::RefundOtherCurrency:
      return "refund_other_currency";
    case Outcome::TestPayment:
      return "test_payment";
    case Outcome::ClockDoubted:
      return "clock_doubted";
    case Outcome::WaitingForLink:
      return "waiting_for_link";
    case Outcome::TooManyWaiting:
      return "too_many_waiting";
  }
  return "failed";
}

std::string_view to_string(Source source) noexcept {
  switch (source) {
    case Source::Square:
      return "square";
    case Source::Stripe:
      return "stripe";
    case Source::Fidel:
      return "fidel";
    case Source::EventBridge:
      return "eventbridge";
  }
  return "unknown";
}

}  // namespace loopstate::agent
