#include "store/rows/keys.hpp"

#include <fmt/format.h>

#include "base/timestamp.hpp"

namespace loopstate::store {
namespace {

std::string join(std::string_view prefix, std::string_view name) {
  std::string key;
  key.reserve(prefix.size() + name.size());
  key.append(prefix).append(name);
  return key;
}

}  // namespace

std::string user_partition(std::string_view user) {
  return join(kUserPrefix, user);
}

table::Key context_key(std::string_view user) {
  return {user_partition(user), std::string(kContextSort)};
}

table::Key session_key(std::string_view user) {
  return {user_partition(user), std::string(kSessionSort)};
}

table::Key location_key(std::string_view user) {
  return {user_partition(user), std::string(kLocationSort)};
}

table::Key pending_key(std::string_view user, std::string_view id) {
  return {user_partition(user), join(kPendingPrefix, id)};
}

table::Key user_card_key(std::string_view user, std::string_view fingerprint) {
  return {user_partition(user), join(kCardPrefix, fingerprint)};
}

table::Key card_key(std::string_view fingerprint) {
  return {join(kCardPrefix, fingerprint), std::string(kMetaSort)};
}

table::Key waiting_key(std::string_view fingerprint) {
  return {join(kCardPrefix, fingerprint), std::string(kWaitingSort)};
}

table::Key processed_key(std::string_view transaction) {
  return {join(kTransactionPrefix, transaction), std::string(kProcessedSort)};
}

table::Key claim_key(std::string_view transaction) {
  return {join(kTransactionPrefix, transaction), std::string(kClaimSort)};
}

table::Key refund_ledger_key(std::string_view transaction) {
  return {join(kTransactionPrefix, transaction), std::string(kRefundLedgerSort)};
}

table::Key health_key() {
  return {std::string(kHealthPartition), "WRITE"};
}

table::Key pepper_key() {
  return {std::string(kPepperPartition), "CHECK"};
}

table::Key request_key(std::string_view request_id, std::size_t part) {
  auto sort = std::string(kWriteSort);
  if (part > 0) sort += fmt::format("#{}", part);
  return {join(kRequestPrefix, request_id), std::move(sort)};
}

std::string capture_id(Timestamp stored_at, std::string_view unique) {
  return fmt::format("{:020}#{}", unix_seconds(stored_at), unique);
}

}  // namespace loopstate::store
