#include "store/rows/claim_row.hpp"

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {

Result<ClaimRow> claim_from_row(const table::Item& row) {
  ClaimRow claim;
  TRY(const auto fence, need_uint64(row, attribute::kFence));
  TRY(auto holder, need_string(row, attribute::kHolder));
  TRY(const auto lease_until, need_time(row, attribute::kLeaseUntil));
  TRY(auto hash, need_string(row, attribute::kPayloadHash));
  claim.fence = fence;
  claim.holder = std::move(holder);
  claim.lease_until = lease_until;
  claim.payload_hash = std::move(hash);
  claim.after_lapse = row.attributes.contains(attribute::kAfterLapse);
  return claim;
}

table::Put put_claim(std::string_view transaction, const ClaimRow& claim, Timestamp expires_at) {
  table::Item row;
  row.key = claim_key(transaction);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kFence), table::Value::number(claim.fence));
  attributes.set(std::string(attribute::kHolder), claim.holder);
  attributes.set(std::string(attribute::kLeaseUntil), table::Value::time(claim.lease_until));
  attributes.set(std::string(attribute::kPayloadHash), claim.payload_hash);
  attributes.set(std::string(attribute::kTtl), table::Value::time(expires_at));
  return table::Put{std::move(row), table::Condition::item_absent()};
}

table::UpdateItem take_claim(std::string_view transaction, const ClaimRow& seen, const ClaimRow& next,
                             Timestamp expires_at) {
  table::Update update;
  update.push_back(table::Change::set(attribute::kFence, table::Value::number(next.fence)));
  update.push_back(table::Change::set(attribute::kHolder, next.holder));
  update.push_back(table::Change::set(attribute::kLeaseUntil, table::Value::time(next.lease_until)));
  update.push_back(table::Change::set(attribute::kTtl, table::Value::time(expires_at)));
  update.push_back(next.after_lapse ? table::Change::set(attribute::kAfterLapse, table::Value::boolean(true))
                                    : table::Change::remove(attribute::kAfterLapse));
  auto unchanged = table::Condition::all_of(
      {table::Condition::equals(attribute::kFence, table::Value::number(seen.fence)),
       table::Condition::equals(attribute::kLeaseUntil, table::Value::time(seen.lease_until))});
  return table::UpdateItem{claim_key(transaction), std::move(update), std::move(unchanged)};
}

table::Condition is_current(const Claim& claim) {
  return table::Condition::all_of(
      {table::Condition::equals(attribute::kFence, table::Value::number(claim.fence())),
       table::Condition::equals(attribute::kHolder, claim.holder()),
       // The mark takes it over, and compares it with what later callers claim.
       table::Condition::equals(attribute::kPayloadHash, claim.payload_hash()),
       table::Condition::compare(attribute::kLeaseUntil, table::Comparison::Greater,
                                 table::Value::number(std::int64_t{0}))});
}

table::Condition is_released(const Claim& claim) {
  return table::Condition::all_of(
      {table::Condition::equals(attribute::kFence, table::Value::number(claim.fence())),
       table::Condition::equals(attribute::kHolder, claim.holder()),
       table::Condition::equals(attribute::kLeaseUntil, table::Value::number(std::int64_t{0}))});
}

}  // namespace loopstate::store
