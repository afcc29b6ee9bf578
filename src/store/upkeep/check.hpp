// Looks through a whole table for what is wrong or missing in it, and repairs what can be repaired safely.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/store.hpp"

namespace loopstate::store {

struct CheckFinding {
  enum class Kind : std::uint8_t {
    CorruptItem,           ///< cannot be read, by the engine or by us; never repaired, a person has to look
    UnknownItem,           ///< of no kind known to this version; left alone
    CardWithoutOwnerItem,  ///< a card whose user has no own item for it, as the Rust crate links them
    OwnerItemWithoutCard,  ///< a user's item for a card that does not exist or is somebody else's
    CardOfErasedUser,      ///< a card that an erasure did not find
    RingMissing,           ///< pending captures that no ring knows, as the Rust crate adds them
    RingDisagrees,         ///< a ring that names captures which do not exist
    SessionNotAdopted,  ///< a session without the attributes that authorising needs, as the Rust crate stores
                        ///< it
    CaptureWithoutMark,  ///< a pending capture whose payment has no mark: a redelivery would count again
    ErasureUnfinished,   ///< items of a user who was erased
    OrphanParts,         ///< parts of a body that no document names, left by a write that was cut off
    DocumentsWithoutCollection,  ///< documents that no call reaches, since their collection's row is gone
    CollectionBehind,            ///< a collection that would give out a number again, as a transfer that is
                                 ///< of no single moment leaves it
    DropUnfinished,              ///< a collection whose documents are still being removed
    DamagedStore                 ///< a part of the engine's own storage; its contents may be lost
  };
  Kind kind = Kind::CorruptItem;
  std::string item;    ///< "USER#U1|CONTEXT"
  std::string detail;  ///< a sentence
  bool mended = false;
};

/// "CorruptItem", ...
std::string_view to_string(CheckFinding::Kind kind) noexcept;
/// Whether repairs do anything about it at all.
bool is_mendable(CheckFinding::Kind kind) noexcept;

struct CheckCounts {
  std::uint64_t items = 0;
  std::uint64_t findings = 0;
  std::uint64_t mended = 0;
};

struct CheckOptions {
  bool repair = false;
  std::chrono::milliseconds request_timeout{10'000};  ///< for each request, not for the whole check
  /// Resumes from a cursor that an earlier check of the same table handed to `between`.
  std::optional<std::string> resume = {};
  /// Called after each page but the last, with a cursor to resume from (nothing: from the beginning);
  /// resuming leaves nothing out, but may repeat something. An error ends the check and becomes its result.
  std::function<Result<void>(const CheckCounts& so_far, const std::optional<std::string>& cursor)> between =
      {};
};

using CheckSink = std::function<void(const CheckFinding& finding)>;
using CheckStep = std::function<void(const CheckCounts& counts)>;

/// The engine's own check of its storage (Table::inspect), then one scan of the table, of a single moment if
/// the engine can; what looks wrong is read again before it is reported, since a scan is no consistent cut.
/// Every repair is a conditional write: one that lost a race is not made, and the finding stays for the next
/// check. Repairing twice is harmless. An item that cannot be read is one finding among the others; no
/// repair removes it or relies on it, so what depends on it is left to a person. The errors of the engine.
Task<Result<CheckCounts>> check_table(Store store, CheckOptions options, const Clock& clock, CheckSink found,
                                      CheckStep step);

}  // namespace loopstate::store
