// Purchases of a card that nobody has linked, decided: how one comes to wait, and how the link records those
// that do.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/rows/waiting_row.hpp"
#include "store/rules/payment.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

/// How many purchases of one card may wait: no more than a link can record, and no more than the ring holds.
std::size_t waiting_room(const StoreSettings& settings);

/// What is known about the purchases that a link is to record.
struct KnownWaiting {
  std::optional<WaitingPurchases> row;
  std::map<std::string, KnownPayment> payments;  ///< by transaction, where a refusal showed something
  std::optional<UserView> user;                  ///< who links the card
};

/// Those that still wait, and were not recorded in some other way.
std::vector<WaitingPurchase> to_record(const KnownWaiting& known, Timestamp now);

/// Adds what records `purchases` for `user`: the context with their events, and for each its mark, the check
/// of its ledger, and the capture with what leaves for it. Tells `answer`. False: rows must be read first.
Result<bool> add_waiting(Steps& steps, LinkedCard& answer, const std::vector<WaitingPurchase>& purchases,
                         const KnownWaiting& known, const UserView& view, const StoreSettings& settings,
                         const WriteCall& call);

/// What refusals show about the purchases and their user. Erased, CorruptItem.
Result<void> learn_waiting(KnownWaiting& known, const Refusals& refusals, const std::string& user);

}  // namespace loopstate::store
