#include "store/rows/read_row.hpp"

#include <fmt/format.h>

#include "store/rows/attributes.hpp"

namespace loopstate::store {

std::unexpected<Error> corrupt(const table::Key& key, std::string_view what) {
  return fail(ErrorCode::CorruptItem, fmt::format("item {}|{}: {}", key.pk, key.sk, what));
}

Result<std::string> need_string(const table::Item& item, std::string_view name) {
  if (const auto* text = item.string(name)) return *text;
  return corrupt(item.key, fmt::format("attribute {} is missing or not a string", name));
}

Result<Currency> read_currency(const table::Item& item) {
  const auto* text = item.string(attribute::kCurrency);
  if (text == nullptr) return Currency{};
  const auto currency = Currency::parse(*text);
  if (!currency) return corrupt(item.key, "attribute currency is not three capital letters");
  return *currency;
}

Result<Timestamp> need_time(const table::Item& item, std::string_view name) {
  if (const auto time = item.time(name)) return *time;
  return corrupt(item.key, fmt::format("attribute {} is missing or not a 64-bit integer", name));
}

Result<std::uint64_t> need_uint64(const table::Item& item, std::string_view name) {
  if (const auto number = item.uint64(name)) return *number;
  return corrupt(item.key, fmt::format("attribute {} is missing or not an unsigned 64-bit integer", name));
}

bool is_tombstone(const table::Item& item) {
  return item.attributes.contains(attribute::kErasedAt);
}

}  // namespace loopstate::store
