// What became of a delivery or an event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loopstate::agent {

/// Where a delivery came from.
enum class Source : std::uint8_t { Square, Stripe, Fidel, EventBridge };
inline constexpr std::size_t kSources = 4;

enum class Outcome : std::uint8_t {
  Recorded,             ///< a capture is pending
  Duplicate,            ///< the payment or refund was seen before
  UnknownCard,          ///< nobody has linked this card
  RefundRecorded,       ///< a refund or a dispute has been added to its user's context
  UnknownPayment,       ///< a refund of a payment that was never recorded
  CardLinked,           ///< the card now belongs to the user
  CardNotLinked,        ///< the card is another user's
  Ignored,              ///< nothing that this agent acts on
  TooOld,               ///< a payment whose mark may be gone by now: never captured
  UserErased,           ///< the card's owner was erased
  LocationChanged,      ///< set or cleared
  EventRecorded,        ///< an event has been added to its user's context
  Reported,             ///< a scheduled check: nothing changes
  Refused,              ///< not authentic, not understood, or not ours to take
  StoreBusy,            ///< a passing failure of the store: to be delivered again
  Failed,               ///< a failure that repeating does not fix
  RefundUndone,         ///< a refund failed or a dispute was won: the money counts again
  RefundNoted,          ///< a report of a refund that is remembered but changes nothing by itself
  RefundExceeds,        ///< more than was paid: deducted up to that amount
  RefundOtherCurrency,  ///< not in the payment's currency: not counted
  TestPayment,          ///< not real money: a provider's test mode
  ClockDoubted,         ///< a payment that is too old only if this machine's clock is right
  WaitingForLink,       ///< nobody has linked this card: the purchase is kept for whoever does
  TooManyWaiting  ///< it could not be kept, since as many of the card's purchases as may wait do so already
};
inline constexpr std::size_t kOutcomes = 24;

/// In snake case, as logs, metrics and answers print it, e.g. "unknown_card".
std::string_view to_string(Outcome outcome) noexcept;
/// "square", "stripe", "fidel", "eventbridge".
std::string_view to_string(Source source) noexcept;

}  // namespace loopstate::agent
