// The ring of pending captures: its order, whether the rows that were read agree with it, and what a new
// capture pushes out. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "store/rows/context_access.hpp"

namespace loopstate::store {

/// At most this many leave in one transaction; more (after the bound was lowered) leave with the next ones.
/// Each of them takes two operations: its row goes, and what is left of it comes.
inline constexpr std::size_t kMaxDroppedAtOnce = 40;

/// Rows and ring as one read found them. If two consecutive reads find the same, no write came between them,
/// and a disagreement is not a torn read: a foreign writer did it, or a row went before its time in the ring.
class LastRead {
 public:
  /// Whether this is what the previous read found.
  bool was(const std::optional<Context>& context, const std::vector<Capture>& rows);

 private:
  bool any_ = false;
  std::uint64_t version_ = 0;
  ContextRow row_;
  std::vector<std::string> ids_;
};

/// Whether rows and ring were read from one moment. Rows that the Rust crate added (no "#" in the id) are in
/// no ring, and expired rows need not be; ids that have expired (`expires_by`) may have no row. `read_at`
/// is when the ring was last built from the rows: if later than `now`, by a clock that was ahead, which
/// took rows for expired that are not (`Timestamp{}`: unknown).
bool ring_agrees(const std::optional<std::vector<std::string>>& ring, const std::vector<Capture>& rows,
                 Timestamp now, std::chrono::seconds pending_lifetime, Timestamp read_at);

/// For this long after it was built from the rows, a ring is taken to name all that is pending: rows that the
/// Rust crate adds change no context, so only reading the rows reveals them.
inline constexpr std::chrono::seconds kRingTrustedFor = std::chrono::days(1);

/// The rows, oldest first: in the ring's order, with rows that it does not know inserted by their time.
std::vector<Capture> in_ring_order(const std::optional<std::vector<std::string>>& ring,
                                   std::vector<Capture> rows);

std::vector<std::string> ids_of(const std::vector<Capture>& captures);

/// Whether any of them are captures that the Rust crate added.
bool has_foreign(const std::vector<std::string>& ring);

/// The time in a capture's id; `Timestamp{}` if it has none.
Timestamp stored_at(const std::string& id);

/// After this, the id of a capture says when its row expires: so the ring alone tells which rows may be
/// gone, whatever lifetime the reader's settings give to captures.
inline constexpr char kIdEndMark = '~';

/// The latest time by which the row of that id has expired. An id from the Rust crate does not say: then, the
/// settings' lifetime after it was stored.
Timestamp expires_by(const std::string& id, std::chrono::seconds pending_lifetime);

/// What has to leave so that one more fits: ids, oldest first, and the ring without them.
struct RingRoom {
  std::vector<std::string> leaving;
  std::vector<std::string> staying;
};
RingRoom make_room(std::vector<std::string> ring, std::size_t max_pending);

}  // namespace loopstate::store
