#include "store/rows/context_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "loopstate/names.hpp"
#include "store/documents/check_document.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/id_lines.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kMaxSummaryBytes = 1024;
constexpr std::size_t kMaxUnknownBytes = 1024;

std::size_t bytes_of_unknown(const UnknownFields& fields) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += name.size() + value.text().size();
  return bytes;
}

std::string_view user_of(const table::Key& key) {
  return std::string_view(key.pk).substr(kUserPrefix.size());
}

Result<Context> read_context(const table::Item& row) {
  const auto* text = row.string(attribute::kContextData);
  if (text == nullptr) return corrupt(row.key, "attribute context_data is missing or not a string");
  auto context = context_from_json(*text);
  if (!context) return corrupt(row.key, context.error().message);
  if (context->pubkey.text() != user_of(row.key)) return corrupt(row.key, "pubkey names another user");
  TRY(auto version, need_uint64(row, attribute::kVersion));
  TRY(auto updated_at, need_time(row, attribute::kUpdatedAt));
  TRY(auto write_ids, read_id_lines(row, attribute::kWriteIds));
  TRY(auto ring, read_id_lines(row, attribute::kRing));

  context->version = version;
  auto& carried = row_of(*context);
  if (write_ids) carried.write_ids = std::move(*write_ids);
  carried.ring = std::move(ring);
  carried.ring_read_at = row.time(attribute::kRingReadAt).value_or(Timestamp{});
  carried.updated_at = updated_at;
  carried.user = context->pubkey.text();
  carried.stored = true;
  return context;
}

Result<Tombstone> read_tombstone(const table::Item& row) {
  Tombstone tombstone;
  TRY(auto version, need_uint64(row, attribute::kVersion));
  TRY(auto erased_at, need_time(row, attribute::kErasedAt));
  TRY(auto write_ids, read_id_lines(row, attribute::kWriteIds));
  tombstone.version = version;
  tombstone.erased_at = erased_at;
  tombstone.updated_at = row.time(attribute::kUpdatedAt).value_or(erased_at);
  if (write_ids) tombstone.write_ids = std::move(*write_ids);
  return tombstone;
}

table::Condition same_write(std::uint64_t version, Timestamp updated_at,
                            const std::vector<std::string>& write_ids) {
  std::vector<table::Condition> all;
  all.push_back(table::Condition::equals(attribute::kVersion, table::Value::number(version)));
  if (write_ids.empty()) {
    all.push_back(table::Condition::equals(attribute::kUpdatedAt, table::Value::time(updated_at)));
    all.push_back(table::Condition::absent(attribute::kWriteIds));
  } else {
    all.push_back(table::Condition::begins_with(attribute::kWriteIds, id_line(write_ids.front())));
  }
  return table::Condition::all_of(std::move(all));
}

}  // namespace

Result<ContextPlace> read_context_place(const std::optional<table::Item>& row) {
  Result<ContextPlace> place;
  if (!row) return place;
  if (is_tombstone(*row)) {
    TRY(auto&& tombstone, read_tombstone(*row));
    place->tombstone = std::move(tombstone);
    return place;
  }
  TRY(auto&& context, read_context(*row));
  place->context = std::move(context);
  return place;
}

table::Condition unchanged_since(const std::optional<Context>& base) {
  if (!base) return table::Condition::item_absent();
  const auto& row = row_of(*base);
  return table::Condition::all_of({same_write(base->version, row.updated_at, row.write_ids),
                                   table::Condition::absent(attribute::kErasedAt)});
}

table::Condition unchanged_since(const Tombstone& tombstone) {
  return table::Condition::all_of({same_write(tombstone.version, tombstone.updated_at, tombstone.write_ids),
                                   table::Condition::exists(attribute::kErasedAt)});
}

std::uint64_t version_after(std::uint64_t version) noexcept {
  constexpr auto kLast = std::numeric_limits<std::uint64_t>::max();
  return version == kLast ? kMaxWriteIds + 1 : version + 1;
}

void advance(Context& next, const std::optional<Context>& base, std::string_view write_id, Timestamp now) {
  next.version = version_after(base ? base->version : 0);
  next.updated_at = now;
  auto& row = row_of(next);
  row.updated_at = now;
  row.user = next.pubkey.text();
  row.stored = true;
  std::vector<std::string> ids;
  ids.reserve(kMaxWriteIds);
  ids.emplace_back(write_id);
  if (base) {
    for (const auto& id : row_of(*base).write_ids) {
      if (ids.size() == kMaxWriteIds) break;
      if (id != write_id) ids.push_back(id);
    }
  }
  row.write_ids = std::move(ids);
}

bool knows_write(const std::vector<std::string>& write_ids, std::string_view id) {
  return std::ranges::find(write_ids, id) != write_ids.end();
}

OwnWrite find_own_write(std::string_view write_id, const std::optional<Context>& base,
                        const std::vector<std::string>& write_ids, std::uint64_t version) {
  if (knows_write(write_ids, write_id)) return OwnWrite::Applied;
  // Over nothing: the ids are all that were ever written, if there are as many as the version says.
  bool reaches_back = write_ids.size() == version;
  if (base) {
    const auto& before = row_of(*base).write_ids;
    reaches_back = !before.empty() && knows_write(write_ids, before.front());
  }
  return reaches_back ? OwnWrite::NotApplied : OwnWrite::Unknown;
}

table::Operation write_over(const std::optional<Context>& base, const Context& next) {
  if (!base) return table::Put{context_row(next), unchanged_since(base)};
  const auto& row = row_of(next);
  const auto& before = row_of(*base);
  table::Update update;
  update.push_back(table::Change::set(attribute::kContextData, to_json(next)));
  update.push_back(table::Change::set(attribute::kVersion, table::Value::number(next.version)));
  update.push_back(table::Change::set(attribute::kUpdatedAt, table::Value::time(next.updated_at)));
  update.push_back(table::Change::set(attribute::kWriteIds, id_lines(row.write_ids)));
  if (row.ring != before.ring && row.ring) {
    update.push_back(table::Change::set(attribute::kRing, id_lines(*row.ring)));
  }
  if (row.ring_read_at != before.ring_read_at) {
    update.push_back(table::Change::set(attribute::kRingReadAt, table::Value::time(row.ring_read_at)));
  }
  return table::UpdateItem{context_key(next.pubkey.text()), std::move(update), unchanged_since(base)};
}

table::Put revive(const Tombstone& tombstone, const Context& next) {
  return table::Put{context_row(next), unchanged_since(tombstone)};
}

table::Item context_row(const Context& context) {
  const auto& carried = row_of(context);
  table::Item row;
  row.key = context_key(context.pubkey.text());
  row.attributes.set(std::string(attribute::kContextData), to_json(context));
  row.attributes.set(std::string(attribute::kVersion), table::Value::number(context.version));
  row.attributes.set(std::string(attribute::kUpdatedAt), table::Value::time(context.updated_at));
  row.attributes.set(std::string(attribute::kWriteIds), id_lines(carried.write_ids));
  if (carried.ring) row.attributes.set(std::string(attribute::kRing), id_lines(*carried.ring));
  if (carried.ring_read_at > Timestamp{}) {
    row.attributes.set(std::string(attribute::kRingReadAt), table::Value::time(carried.ring_read_at));
  }
  return row;
}

Result<void> check_event(const ContextEvent& event) {
  TRY_OK(check_name("event type", event.event_type));
  if (event.summary.size() > kMaxSummaryBytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("event summary is {} bytes long; at most {} are allowed", event.summary.size(),
                            kMaxSummaryBytes));
  }
  if (const auto bytes = bytes_of_unknown(event.unknown); bytes > kMaxUnknownBytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the event's other members are {} bytes long; at most {} are allowed", bytes,
                            kMaxUnknownBytes));
  }
  if (!is_utf8(event.summary)) return fail(ErrorCode::InvalidArgument, "event summary is not valid UTF-8");
  return check_document(event);
}

void add_event(Context& context, ContextEvent event, Timestamp now) {
  if (event.timestamp == Timestamp{}) event.timestamp = now;
  context.recent_events.insert(context.recent_events.begin(), std::move(event));
  if (context.recent_events.size() > kMaxRecentEvents) context.recent_events.resize(kMaxRecentEvents);
}

}  // namespace loopstate::store
