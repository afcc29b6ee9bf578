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
inline constexpr std::size_t kMaxDroppedAtOnce = 80;

/// Rows and ring as one read found them. Where two reads in a row find the same, no write came between them,
/// and what disagrees is not torn: a foreign writer did it, or a row went before its time in the ring.
class LastRead {
 public:
  /// Whether this is what the read before found.
  bool was(const std::optional<Context>& context, const std::vector<Capture>& rows);

 private:
  bool any_ = false;
  std::uint64_t version_ = 0;
  ContextRow row_;
  std::vector<std::string> ids_;
};

/// Whether rows and ring were read from one moment. Rows that the Rust crate added (no "#" in the id) are in
/// no ring, nor need those be whose time is over; ids that have expired (`expires_by`) may be gone. `read_at`
/// is when the ring was last made from the rows: later than `now`, it was made by a clock that was ahead, by
/// which rows were over that are not (`Timestamp{}`: not known).
bool ring_agrees(const std::optional<std::vector<std::string>>& ring, const std::vector<Capture>& rows,
                 Timestamp now, std::chrono::seconds pending_lifetime, Timestamp read_at);

/// A ring is taken for all that is pending for so long after it was made from the rows: rows that the Rust
/// crate adds change no context, so that only reading them tells.
inline constexpr std::chrono::seconds kRingTrustedFor = std::chrono::days(1);

/// The rows, oldest first: in the ring's order, rows that it does not know put in by their time.
std::vector<Capture> in_ring_order(const std::optional<std::vector<std::string>>& ring,
                                   std::vector<Capture> rows);

std::vector<std::string> ids_of(const std::vector<Capture>& captures);

/// Whether captures are among them that the Rust crate added.
bool has_foreign(const std::vector<std::string>& ring);

/// The time in a capture's id; `Timestamp{}` when it has none.
Timestamp stored_at(const std::string& id);

/// Behind this, the id of a capture says when its row expires: so the ring tells by itself which rows may be
/// gone, whatever lifetime the reader's settings give to captures.
inline constexpr char kIdEndMark = '~';

/// When the row of that id has expired at the latest. An id of the Rust crate's does not say: then, the
/// settings' lifetime after it was stored.
Timestamp expires_by(const std::string& id, std::chrono::seconds pending_lifetime);

/// What has to leave so that one more fits: ids, oldest first, and the ring without them.
struct RingRoom {
  std::vector<std::string> leaving;
  std::vector<std::string> staying;
};
RingRoom make_room(std::vector<std::string> ring, std::size_t max_pending);

}  // namespace loopstate::store
