// Room in the context's row: what callers fill it with must leave enough for captures and refunds, which are
// recorded whatever else is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "loopstate/context.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::store {

/// Writers other than those that record captures and refunds stop here, below the table's 400 KB; sooner
/// where a full ring takes more than what is left.
inline constexpr std::size_t kMaxContextBytes = 384u << 10;

/// The most that one event can take in the row: every byte of its texts escaped, and its unknown members.
inline constexpr std::size_t kMaxEventBytes = 8u << 10;

/// ItemTooLarge when `next` would not leave room for a full ring of `max_pending` captures, all the write ids
/// and one event more, or is over kMaxContextBytes; never where its content is no larger than `base`'s, so
/// that what somebody else stored can be written again.
Result<void> check_room(const std::optional<Context>& base, const Context& next, std::uint32_t max_pending);

/// Takes off the oldest recent events, where the row would be too large with them: a capture or a refund has
/// to be recorded, and its row says what the event says.
void make_room_for_events(Context& next);

/// How many captures the ring can name beside the rest of the row without its events, at least 1. The row
/// takes more than the settings allow as long as it is far from full.
std::size_t ring_room(const Context& context);

}  // namespace loopstate::store
