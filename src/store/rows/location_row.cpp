#include "store/rows/location_row.hpp"

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {

Result<std::optional<Location>> location_from_row(const table::Item& row) {
  TRY(const auto entered_at, need_time(row, attribute::kEnteredAt));
  if (!row.attributes.contains(attribute::kMerchantId)) return std::nullopt;
  TRY(auto merchant, need_string(row, attribute::kMerchantId));
  return Location{stored_name<MerchantId>(std::move(merchant)), entered_at};
}

table::Item location_row(std::string_view user, const std::optional<std::string>& merchant, Timestamp time,
                         Timestamp expires_at) {
  table::Item row;
  row.key = location_key(user);
  auto& attributes = row.attributes;
  if (merchant) attributes.set(std::string(attribute::kMerchantId), *merchant);
  attributes.set(std::string(attribute::kEnteredAt), table::Value::time(time));
  attributes.set(std::string(attribute::kTtl), table::Value::time(expires_at));
  return row;
}

}  // namespace loopstate::store
