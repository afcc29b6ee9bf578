// Purchases of a card that belongs to nobody, kept for whoever links it: `CARD#{fingerprint}|WAITING`. While
// the card belongs to someone there is no such row: a purchase is put into it on the condition that the card
// is unlinked, and the link that ends that takes the row away in the same transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/settings.hpp"
#include "table/table.hpp"

namespace loopstate::store {

struct WaitingPurchase {
  TransactionId transaction;
  Capture capture;  ///< complete, with its id: it lives from when the purchase came
  ContextEvent event;
  std::chrono::seconds lifetime{};  ///< of the payment's mark
  Timestamp until{};                ///< it waits before this
  std::string write_id;             ///< which call put it here (mark_id)
};

struct WaitingPurchases {
  std::vector<WaitingPurchase> purchases;  ///< in the order in which they came
  std::string write_id;                    ///< of the last write: the condition of every other
};

/// CorruptItem names the item and the field.
Result<WaitingPurchases> waiting_from_row(const table::Item& row);
Result<std::optional<WaitingPurchases>> waiting_from_row(const std::optional<table::Item>& row);

/// Those that still wait at `now`.
std::vector<WaitingPurchase> still_waiting(const std::optional<WaitingPurchases>& row, Timestamp now);

/// Puts `purchases`, at least one, in the place of the row that was `before`.
table::Put put_waiting(std::string_view fingerprint, const std::optional<WaitingPurchases>& before,
                       const std::vector<WaitingPurchase>& purchases, std::string_view write_id);

/// That nothing has come to wait since `known`: removes the row, or checks that there is none.
table::Operation take_waiting(std::string_view fingerprint, const std::optional<WaitingPurchases>& known);

}  // namespace loopstate::store
