// The context's row: decoding it, the condition that tells whether anybody has written since, and the
// operation that writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loopstate/context.hpp"
#include "table/table.hpp"

namespace loopstate::store {

inline constexpr std::size_t kMaxRecentEvents = 10;
inline constexpr std::size_t kMaxWriteIds = 16;

/// What an erased user leaves in place of the context.
struct Tombstone {
  std::uint64_t version = 0;
  Timestamp updated_at{};
  Timestamp erased_at{};
  std::vector<std::string> write_ids;
};

/// What is stored in the context's place: nothing, a context, or a tombstone.
struct ContextPlace {
  std::optional<Context> context;
  std::optional<Tombstone> tombstone;
};

/// CorruptItem names the item and the field.
Result<ContextPlace> read_context_place(const std::optional<table::Item>& row);

/// Holds while nobody has written since `base` was read: version and last write id; if the Rust crate wrote
/// last, version and updated_at and no write id; if there was nothing, still nothing.
table::Condition unchanged_since(const std::optional<Context>& base);
table::Condition unchanged_since(const Tombstone& tombstone);

/// One more. Another program, or damage, may have left the highest possible version: then the count restarts
/// above kMaxWriteIds, where no row can seem to have every write among its ids (find_own_write). Each
/// write has its own id besides the version, so that no condition takes one of the two counts for the other.
std::uint64_t version_after(std::uint64_t version) noexcept;

/// Makes `next` the successor of `base`: version, times, write ids. No `base`: a new user's first version.
void advance(Context& next, const std::optional<Context>& base, std::string_view write_id, Timestamp now);

/// Whether this write id is among the row's recent ones.
bool knows_write(const std::vector<std::string>& write_ids, std::string_view id);

/// What the row that refused a write says about that write, which an earlier sending may have applied.
enum class OwnWrite : std::uint8_t {
  Applied,     ///< its id is there
  NotApplied,  ///< every write since `base` is there, and this one is not among them
  Unknown      ///< the ids do not reach back to `base`: it may have come and gone
};
/// `write_ids` and `version` are those of the refusing row, which may be a tombstone. The Rust crate keeps no
/// ids: if it wrote, nothing is known about what came before.
OwnWrite find_own_write(std::string_view write_id, const std::optional<Context>& base,
                        const std::vector<std::string>& write_ids, std::uint64_t version);

/// The operation that writes `next` (advanced) over `base` if nobody has written since. Attributes of the row
/// that this version does not know are kept.
table::Operation write_over(const std::optional<Context>& base, const Context& next);
table::Put revive(const Tombstone& tombstone, const Context& next);

/// The whole row of a context, as it is put for a new user.
table::Item context_row(const Context& context);

/// InvalidArgument: the event is out of bounds (type 1 to 200 bytes, summary and unknown members at most
/// 1,024 each).
Result<void> check_event(const ContextEvent& event);
/// At the front, keeping the newest ten.
void add_event(Context& context, ContextEvent event, Timestamp now);

}  // namespace loopstate::store
