#include "store/rows/ended_row.hpp"

#include <algorithm>

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate {

std::string_view to_string(Ending ending) noexcept {
  return ending == Ending::Settled ? "settled" : "dropped";
}

namespace store {

table::Key ended_key(std::string_view user, std::string_view capture_id) {
  return {user_partition(user), std::string(kEndedPrefix).append(capture_id)};
}

Result<EndedCapture> ended_from_row(const table::Item& row) {
  EndedCapture ended;
  ended.user = stored_name<UserId>(row.key.pk.substr(kUserPrefix.size()));
  ended.id = row.key.sk.substr(kEndedPrefix.size());
  TRY(const auto ending, need_string(row, attribute::kEnding));
  if (ending != to_string(Ending::Settled) && ending != to_string(Ending::Dropped)) {
    return corrupt(row.key, "its ending is neither settled nor dropped");
  }
  ended.ending = ending == to_string(Ending::Settled) ? Ending::Settled : Ending::Dropped;
  TRY(ended.ended_at, need_time(row, attribute::kEndedAt));
  TRY(ended.merchant_id, need_string(row, attribute::kMerchantId));
  TRY(ended.amount.minor_units, need_uint64(row, attribute::kAmountCents));
  TRY(ended.amount.currency, read_currency(row));
  ended.refunded = {row.uint64(attribute::kRefundedCents).value_or(0), ended.amount.currency};
  return ended;
}

table::Put put_ended(std::string_view user, const Capture& capture, Ending ending, Timestamp now,
                     const StoreSettings& settings) {
  table::Item row;
  row.key = ended_key(user, capture.id);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kEnding), std::string(to_string(ending)));
  attributes.set(std::string(attribute::kEndedAt), table::Value::time(now));
  attributes.set(std::string(attribute::kMerchantId), capture.merchant_id);
  attributes.set(std::string(attribute::kAmountCents), table::Value::number(capture.amount.minor_units));
  if (capture.amount.currency.known()) {
    attributes.set(std::string(attribute::kCurrency), capture.amount.currency.text());
  }
  if (capture.refunded.minor_units > 0) {
    attributes.set(std::string(attribute::kRefundedCents),
                   table::Value::number(capture.refunded.minor_units));
  }
  const auto lifetime = std::max(settings.transaction_lifetime, kEndedLifetime);
  attributes.set(std::string(attribute::kTtl), table::Value::time(now + lifetime));
  return table::Put{std::move(row), {}};
}

}  // namespace store
}  // namespace loopstate
