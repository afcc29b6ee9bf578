#include "store/rows/waiting_row.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "store/documents/codec.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kTypicalBytes = 1024;

/// The JSON of one: a capture's own leaves out its id, its currency and its refunds.
struct WaitingEntry {
  TransactionId transaction;
  Capture capture;
  std::string id;
  Money refunded{};
  Timestamp kept_until{};
  ContextEvent event;
  std::uint64_t lifetime = 0;
  Timestamp until{};
  std::string write_id;
  UnknownFields unknown;
};

}  // namespace

template <>
struct Schema<WaitingEntry> {
  static constexpr auto members = std::tuple(
      Member{"transaction", &WaitingEntry::transaction}, Member{"capture", &WaitingEntry::capture},
      Member{"id", &WaitingEntry::id}, InnerMember{"currency", &WaitingEntry::refunded, &Money::currency},
      InnerMember{"refunded_cents", &WaitingEntry::refunded, &Money::minor_units},
      Member{"kept_until", &WaitingEntry::kept_until}, Member{"event", &WaitingEntry::event},
      Member{"lifetime", &WaitingEntry::lifetime}, Member{"until", &WaitingEntry::until},
      Member{"write_id", &WaitingEntry::write_id});
};

namespace {

WaitingEntry entry_of(const WaitingPurchase& purchase) {
  const auto& capture = purchase.capture;
  WaitingEntry entry;
  entry.transaction = purchase.transaction;
  entry.capture = capture;
  entry.id = capture.id;
  entry.refunded = {capture.refunded.minor_units, capture.amount.currency};
  entry.kept_until = capture.kept_until;
  entry.event = purchase.event;
  entry.lifetime = static_cast<std::uint64_t>(std::max<std::int64_t>(purchase.lifetime.count(), 0));
  entry.until = purchase.until;
  entry.write_id = purchase.write_id;
  return entry;
}

WaitingPurchase purchase_of(WaitingEntry entry) {
  WaitingPurchase purchase;
  purchase.transaction = std::move(entry.transaction);
  purchase.capture = std::move(entry.capture);
  purchase.capture.id = std::move(entry.id);
  purchase.capture.amount.currency = entry.refunded.currency;
  purchase.capture.refunded = entry.refunded;
  purchase.capture.kept_until = entry.kept_until;
  purchase.event = std::move(entry.event);
  const auto longest = static_cast<std::uint64_t>(kMaxLifetime.count());
  purchase.lifetime = std::chrono::seconds(static_cast<std::int64_t>(std::min(entry.lifetime, longest)));
  purchase.until = entry.until;
  purchase.write_id = std::move(entry.write_id);
  return purchase;
}

table::Condition is_still(const std::optional<WaitingPurchases>& known) {
  if (!known) return table::Condition::item_absent();
  return table::Condition::equals(attribute::kWriteId, table::Value(known->write_id));
}

}  // namespace

Result<WaitingPurchases> waiting_from_row(const table::Item& row) {
  WaitingPurchases waiting;
  TRY(const auto text, need_string(row, attribute::kPurchases));
  TRY(waiting.write_id, need_string(row, attribute::kWriteId));
  json::Reader reader(text, {.depth = json::kMaxDepth});
  std::vector<WaitingEntry> entries;
  std::string path;
  if (!read_value(reader, entries, path) || !reader.finish()) {
    return corrupt(row.key, not_readable(reader.problem(), path).error().message);
  }
  for (auto& entry : entries) waiting.purchases.push_back(purchase_of(std::move(entry)));
  return waiting;
}

Result<std::optional<WaitingPurchases>> waiting_from_row(const std::optional<table::Item>& row) {
  if (!row) return std::nullopt;
  TRY(auto waiting, waiting_from_row(*row));
  return waiting;
}

std::vector<WaitingPurchase> still_waiting(const std::optional<WaitingPurchases>& row, Timestamp now) {
  std::vector<WaitingPurchase> waiting;
  if (!row) return waiting;
  std::ranges::copy_if(row->purchases, std::back_inserter(waiting),
                       [now](const auto& purchase) { return purchase.until > now; });
  return waiting;
}

table::Put put_waiting(std::string_view fingerprint, const std::optional<WaitingPurchases>& before,
                       const std::vector<WaitingPurchase>& purchases, std::string_view write_id) {
  std::vector<WaitingEntry> entries;
  entries.reserve(purchases.size());
  for (const auto& purchase : purchases) entries.push_back(entry_of(purchase));
  json::Writer json(purchases.size() * kTypicalBytes);
  write_value(json, entries);

  table::Item row;
  row.key = waiting_key(fingerprint);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kPurchases), std::move(json).take());
  attributes.set(std::string(attribute::kWriteId), std::string(write_id));
  const auto last = std::ranges::max_element(purchases, {}, &WaitingPurchase::until);
  attributes.set(std::string(attribute::kTtl), table::Value::time(last->until));
  return table::Put{std::move(row), is_still(before)};
}

table::Operation take_waiting(std::string_view fingerprint, const std::optional<WaitingPurchases>& known) {
  auto key = waiting_key(fingerprint);
  if (!known) return table::Check{std::move(key), is_still(known)};
  return table::Erase{std::move(key), is_still(known)};
}

}  // namespace loopstate::store
