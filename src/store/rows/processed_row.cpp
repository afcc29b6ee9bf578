#include "store/rows/processed_row.hpp"

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {

Result<ProcessedRow> processed_from_row(const table::Item& row) {
  ProcessedRow processed;
  auto& record = processed.record;
  record.transaction = stored_name<TransactionId>(row.key.pk.substr(kTransactionPrefix.size()));
  TRY(auto user, need_string(row, attribute::kUserPubkey));
  TRY(auto amount, need_uint64(row, attribute::kCredAmount));
  TRY(auto processed_at, need_time(row, attribute::kProcessedAt));
  record.user = stored_name<UserId>(std::move(user));
  record.cred_amount = amount;
  record.processed_at = processed_at;
  if (const auto* hash = row.string(attribute::kPayloadHash)) record.payload_hash = *hash;
  if (const auto* result = row.string(attribute::kResult)) record.result = *result;
  if (const auto* id = row.string(attribute::kWriteId)) processed.write_id = *id;
  const auto currency = read_currency(row);
  if (!currency) return std::unexpected(currency.error());
  processed.currency = *currency;
  if (const auto* holder = row.string(attribute::kHolder)) processed.completed_by = *holder;
  processed.completed_fence = row.uint64(attribute::kFence).value_or(0);
  processed.expires_at = row.time(attribute::kTtl).value_or(Timestamp{});
  if (row.find(attribute::kRefundedCents) != nullptr) {
    TRY(auto refunded, need_uint64(row, attribute::kRefundedCents));
    processed.refunded = refunded;
  }
  return processed;
}

table::Put put_processed(const ProcessedTransaction& record, std::string_view write_id,
                         Timestamp expires_at) {
  table::Item row;
  row.key = processed_key(record.transaction.text());
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kUserPubkey), record.user.text());
  attributes.set(std::string(attribute::kCredAmount), table::Value::number(record.cred_amount));
  attributes.set(std::string(attribute::kProcessedAt), table::Value::time(record.processed_at));
  attributes.set(std::string(attribute::kTtl), table::Value::time(expires_at));
  attributes.set(std::string(attribute::kWriteId), write_id);
  if (record.payload_hash) attributes.set(std::string(attribute::kPayloadHash), *record.payload_hash);
  if (record.result) attributes.set(std::string(attribute::kResult), *record.result);
  return table::Put{std::move(row), table::Condition::item_absent()};
}

}  // namespace loopstate::store
