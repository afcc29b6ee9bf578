// The table's keys: which item is where. docs/table.md describes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "table/value.hpp"

namespace loopstate::store {

inline constexpr std::string_view kUserPrefix = "USER#";
inline constexpr std::string_view kCardPrefix = "CARD#";
inline constexpr std::string_view kTransactionPrefix = "TXN#";
inline constexpr std::string_view kRequestPrefix = "REQUEST#";
inline constexpr std::string_view kPendingPrefix = "PENDING#";
inline constexpr std::string_view kContextSort = "CONTEXT";
inline constexpr std::string_view kSessionSort = "SESSION";
inline constexpr std::string_view kLocationSort = "LOCATION";
inline constexpr std::string_view kMetaSort = "META";
inline constexpr std::string_view kWaitingSort = "WAITING";
inline constexpr std::string_view kProcessedSort = "PROCESSED";
inline constexpr std::string_view kClaimSort = "CLAIM";
inline constexpr std::string_view kRefundLedgerSort = "REFUNDED";
/// The partition of the row that check_writable writes.
inline constexpr std::string_view kHealthPartition = "HEALTH#";
inline constexpr std::string_view kWriteSort = "WRITE";
/// The partition of what is known of the pepper.
inline constexpr std::string_view kPepperPartition = "PEPPER#";

std::string user_partition(std::string_view user);
table::Key context_key(std::string_view user);
table::Key session_key(std::string_view user);
table::Key location_key(std::string_view user);
/// `id` is a capture's public id: the part after "PENDING#".
table::Key pending_key(std::string_view user, std::string_view id);
/// The user's own item for a card, so that a user's cards are one query.
table::Key user_card_key(std::string_view user, std::string_view fingerprint);
/// The card's item, which says whose it is.
table::Key card_key(std::string_view fingerprint);
/// The purchases of a card that nobody has linked.
table::Key waiting_key(std::string_view fingerprint);
table::Key processed_key(std::string_view transaction);
table::Key claim_key(std::string_view transaction);
table::Key refund_ledger_key(std::string_view transaction);
table::Key health_key();
table::Key pepper_key();
/// What a caller's request id stands for; `part`, from 1: what does not fit in the item itself.
table::Key request_key(std::string_view request_id, std::size_t part = 0);

/// "{stored_at:020}#{unique}", a new capture's public id. `stored_at` is not negative.
std::string capture_id(Timestamp stored_at, std::string_view unique);

}  // namespace loopstate::store
