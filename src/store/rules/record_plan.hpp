// Recording a purchase, decided: from what is known about the payment, the card and its user to the steps
// that record it and what the call answers.
#pragma once

#include <optional>

#include "store/rows/waiting_row.hpp"
#include "store/rules/payment.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

/// What stays the same over all attempts of one call.
struct RecordWork {
  PurchaseRecord purchase;  ///< its capture complete
  StoreSettings settings;
  WriteCall call;

  std::chrono::seconds lifetime() const;
};

struct KnownPurchase {
  enum class CardState : std::uint8_t {
    NotRead,
    Linked,   ///< `card`
    Unlinked  ///< a read or a refusal said so
  };
  KnownPayment payment;
  CardState card_state = CardState::NotRead;
  std::optional<Card> card;
  bool mark_read = false;                   ///< together with the card, and before anything was written
  std::optional<WaitingPurchases> waiting;  ///< of an unlinked card, if a refusal showed any
  std::optional<UserView> user;             ///< of the card's user
};

/// The mark, the check of the card, the context with the event, the capture and what leaves for it: one
/// transaction. Of a card that nobody has linked, if the purchase is to be kept: that check, and the row of
/// those that wait.
Result<Plan<RecordOutcome>> plan_record(const RecordWork& work, const KnownPurchase& known);

Result<void> learn_purchase(KnownPurchase& known, const Refusals& refusals);

}  // namespace loopstate::store
