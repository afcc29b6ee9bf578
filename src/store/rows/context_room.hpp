// Room in the context's row: what callers store must leave enough for captures and refunds, which are
// recorded whatever else is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "loopstate/context.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::store {

/// Writers other than those that record captures and refunds stop here, below the table's 400 KB; sooner
/// if a full ring takes more than what is left.
inline constexpr std::size_t kMaxContextBytes = 384u << 10;

/// The most that one event can take in the row: every byte of its texts escaped, plus its unknown members.
inline constexpr std::size_t kMaxEventBytes = 8u << 10;

/// ItemTooLarge if `next` would not leave room for a full ring of `max_pending` captures, all the write ids
/// and one more event, or is over kMaxContextBytes; never if its content is no larger than `base`'s, so
/// that what somebody else stored can be written again.
Result<void> check_room(const std::optional<Context>& base, const Context& next, std::uint32_t max_pending);

/// Removes the oldest recent events if the row would be too large with them: a capture or a refund has to
/// be recorded, and its own row says what the event says.
void make_room_for_events(Context& next);

/// How many captures the ring can name beside the rest of the row without its events, at least 1. While the
/// row is far from full, this is more than the settings allow.
std::size_t ring_room(const Context& context);

}  // namespace loopstate::store
