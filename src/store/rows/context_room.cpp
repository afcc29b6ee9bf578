#include "store/rows/context_room.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/rows/context_access.hpp"
#include "store/rows/context_row.hpp"
#include "store/rows/ring.hpp"
#include "table/limits.hpp"

namespace loopstate::store {
namespace {

// "{20 digits}#{write id of at most 36}~{11 digits}" and the line's end.
constexpr std::size_t kMaxRingIdBytes = 20 + 1 + 36 + 1 + 11 + 1;
constexpr std::size_t kMaxWriteIdsBytes = kMaxWriteIds * (36 + 1);
// Numbers that grow: version and times, as attributes and in the JSON.
constexpr std::size_t kNumbersBytes = 64;
// A byte that JSON escapes, as \u001f.
constexpr std::size_t kMaxEscapedBytes = 6;

std::size_t bytes_of(const UnknownFields& fields) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += kMaxEscapedBytes * name.size() + value.text().size() + 4;
  return bytes;
}

// An upper bound on the size of the row without ring and write ids, found without building it.
std::size_t bytes_at_most(const Context& context) {
  constexpr std::size_t kFixed = 2048;
  std::size_t bytes =
      kFixed + kMaxEscapedBytes * (context.pubkey.text().size() + context.preferences.risk_tolerance.size());
  bytes += bytes_of(context.unknown) + bytes_of(context.vault.unknown) +
           bytes_of(context.preferences.unknown) + bytes_of(context.preferences.notifications.unknown);
  for (const auto& [key, value] : context.agent_memory) {
    bytes += kMaxEscapedBytes * key.size() + value.text().size() + 4;
  }
  for (const auto& event : context.recent_events) {
    bytes +=
        128 + kMaxEscapedBytes * (event.event_type.size() + event.summary.size()) + bytes_of(event.unknown);
  }
  return bytes;
}

std::size_t ring_bytes(const Context& context) {
  std::size_t bytes = 0;
  if (row_of(context).ring) {
    for (const auto& id : *row_of(context).ring) bytes += id.size() + 1;
  }
  return bytes;
}

bool is_far_from_full(const Context& context, std::size_t ring) {
  return bytes_at_most(context) + ring + kMaxWriteIdsBytes + kMaxEventBytes <= table::kMaxItemBytes;
}

std::size_t row_bytes(const Context& context) {
  return table::item_size(context_row(context));
}

// Without what the store keeps in addition to the caller's content.
std::size_t content_bytes(Context context) {
  row_of(context) = {};
  context.version = 0;
  context.updated_at = {};
  return row_bytes(context);
}

// With a full ring, all write ids and one more event.
std::size_t most_bytes(const Context& next, std::uint32_t max_pending) {
  Context bare = next;
  row_of(bare).ring.reset();
  row_of(bare).write_ids.clear();
  const auto full_ring = std::max(ring_bytes(next), max_pending * kMaxRingIdBytes);
  return row_bytes(bare) + full_ring + kMaxWriteIdsBytes + kMaxEventBytes + kNumbersBytes;
}

}  // namespace

Result<void> check_room(const std::optional<Context>& base, const Context& next, std::uint32_t max_pending) {
  const auto full_ring = std::max(ring_bytes(next), max_pending * kMaxRingIdBytes);
  if (is_far_from_full(next, full_ring + kNumbersBytes) &&
      bytes_at_most(next) + full_ring <= kMaxContextBytes) {
    return {};
  }
  const auto bytes = row_bytes(next);
  if (bytes <= kMaxContextBytes && most_bytes(next, max_pending) <= table::kMaxItemBytes) return {};
  if (base && content_bytes(next) <= content_bytes(*base)) return {};
  return fail(ErrorCode::ItemTooLarge,
              fmt::format("the context of user {} would be {} bytes; the limit is {}, or less if a full "
                          "ring of captures needs the room, so that captures still fit",
                          next.pubkey.text(), bytes, kMaxContextBytes));
}

void make_room_for_events(Context& next) {
  if (is_far_from_full(next, ring_bytes(next))) return;
  while (!next.recent_events.empty() && row_bytes(next) > table::kMaxItemBytes) next.recent_events.pop_back();
}

std::size_t ring_room(const Context& context) {
  constexpr std::size_t kLargestRing = kMaxPendingCaptures * kMaxRingIdBytes;
  if (is_far_from_full(context, kLargestRing)) return kMaxPendingCaptures;
  Context bare = context;
  bare.recent_events.clear();
  row_of(bare).ring.emplace();
  row_of(bare).write_ids.clear();
  const auto taken = row_bytes(bare) + kMaxWriteIdsBytes + kNumbersBytes;
  if (taken >= table::kMaxItemBytes) return 1;
  return std::clamp<std::size_t>((table::kMaxItemBytes - taken) / kMaxRingIdBytes, 1, kMaxPendingCaptures);
}

}  // namespace loopstate::store
