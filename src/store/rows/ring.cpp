#include "store/rows/ring.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

#include "base/timestamp.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/context_access.hpp"

namespace loopstate::store {
namespace {

bool is_ours(const std::string& id) {
  return id.find('#') != std::string::npos;
}

}  // namespace

Timestamp stored_at(const std::string& id) {
  std::int64_t seconds = 0;
  std::from_chars(id.data(), id.data() + id.size(), seconds);
  return from_unix_seconds(seconds);
}

Timestamp expires_by(const std::string& id, std::chrono::seconds pending_lifetime) {
  const auto usual = saturating_add(stored_at(id), pending_lifetime);
  const auto mark = id.find(kIdEndMark);
  if (mark == std::string::npos) return usual;
  auto own = unix_seconds(usual);
  std::from_chars(id.data() + mark + 1, id.data() + id.size(), own);
  return from_unix_seconds(own);
}

bool ring_agrees(const std::optional<std::vector<std::string>>& ring, const std::vector<Capture>& rows,
                 Timestamp now, std::chrono::seconds pending_lifetime, Timestamp read_at) {
  if (!ring) return true;
  // Until the ring was rebuilt, its maker left out what had expired by then.
  const auto over_by = read_at > now ? saturating_add(read_at, kRingTrustedFor) : now;
  std::unordered_set<std::string> present;
  for (const auto& row : rows) present.insert(row.id);
  for (const auto& id : *ring) {
    if (!present.contains(id) && expires_by(id, pending_lifetime) > now) return false;
  }
  const std::unordered_set<std::string> known(ring->begin(), ring->end());
  return std::ranges::all_of(rows, [&](const Capture& row) {
    return known.contains(row.id) || !is_ours(row.id) || is_over(row, over_by);
  });
}

bool LastRead::was(const std::optional<Context>& context, const std::vector<Capture>& rows) {
  const auto version = context ? context->version : 0;
  const auto row = context ? row_of(*context) : ContextRow{};
  auto ids = ids_of(rows);
  const bool same = any_ && version == version_ && row == row_ && ids == ids_;
  any_ = true;
  version_ = version;
  row_ = row;
  ids_ = std::move(ids);
  return same;
}

bool has_foreign(const std::vector<std::string>& ring) {
  return !std::ranges::all_of(ring, is_ours);
}

std::vector<Capture> in_ring_order(const std::optional<std::vector<std::string>>& ring,
                                   std::vector<Capture> rows) {
  std::ranges::stable_sort(rows, {}, [](const Capture& row) { return row.id; });
  if (!ring) return rows;
  std::unordered_map<std::string, std::size_t> place;
  for (const auto& id : *ring) place.emplace(id, place.size());
  std::vector<Capture> known;
  std::vector<Capture> added;
  for (auto& row : rows) (place.contains(row.id) ? known : added).push_back(std::move(row));
  std::ranges::sort(known, {}, [&](const Capture& row) { return place.at(row.id); });
  for (auto& row : added) {
    const auto later = std::ranges::find_if(
        known, [&](const Capture& other) { return stored_at(other.id) > stored_at(row.id); });
    known.insert(later, std::move(row));
  }
  return known;
}

std::vector<std::string> ids_of(const std::vector<Capture>& captures) {
  std::vector<std::string> ids;
  ids.reserve(captures.size());
  for (const auto& capture : captures) ids.push_back(capture.id);
  return ids;
}

RingRoom make_room(std::vector<std::string> ring, std::size_t max_pending) {
  RingRoom room;
  const std::size_t excess = ring.size() + 1 > max_pending ? ring.size() + 1 - max_pending : 0;
  const auto count = static_cast<std::ptrdiff_t>(std::min(excess, kMaxDroppedAtOnce));
  room.leaving.assign(ring.begin(), ring.begin() + count);
  ring.erase(ring.begin(), ring.begin() + count);
  room.staying = std::move(ring);
  return room;
}

}  // namespace loopstate::store
