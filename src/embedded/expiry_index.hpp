// Which items expire when, so that the sweeper finds them without looking at the others.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "embedded/changes.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::embedded {

/// The first second at which the item no longer exists; nothing if it never expires.
std::optional<Timestamp> expires_at(const table::Attributes& attributes);

/// Brings the index up to date with a write of one item. LMDB's code.
int update_expiry(Changes& changes, std::string_view key, std::optional<Timestamp> before,
                  std::optional<Timestamp> after);

struct SweepStep {
  std::size_t removed_items = 0;
  std::size_t looked_at = 0;
  bool more = false;  ///< something expired remains
  int code = 0;       ///< LMDB's
};

/// Removes what had expired by `until`, looking at no more than `bound` entries of the index.
SweepStep sweep_expired(Changes& changes, Timestamp until, std::size_t bound);

/// The time up to which time is known to have passed (watermark.hpp); nothing in a new file.
std::optional<Timestamp> read_watermark(Changes& changes);
/// LMDB's code.
int write_watermark(Changes& changes, Timestamp mark);

}  // namespace loopstate::embedded
