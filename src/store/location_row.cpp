#include "store/location_row.hpp"

#include "store/attributes.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"

namespace loopstate::store {

Result<std::optional<Location>> location_from_row(const table::Item& row) {
  const auto entered_at = need_int64(row, attribute::kEnteredAt);
  if (!entered_at) return std::unexpected(entered_at.error());
  if (!row.attributes.contains(attribute::kMerchantId)) return std::nullopt;
  auto merchant = need_string(row, attribute::kMerchantId);
  if (!merchant) return std::unexpected(std::move(merchant.error()));
  return Location{std::move(*merchant), *entered_at};
}

table::Item location_row(std::string_view user, const std::optional<std::string>& merchant, UnixSeconds time,
                         UnixSeconds expires_at) {
  table::Item row;
  row.key = location_key(user);
  auto& attributes = row.attributes;
  if (merchant) attributes.set(std::string(attribute::kMerchantId), *merchant);
  attributes.set(std::string(attribute::kEnteredAt), table::Value::number(time));
  attributes.set(std::string(attribute::kTtl), table::Value::number(expires_at));
  return row;
}

}  // namespace loopstate::store
