// What is left of a capture that was settled or dropped: `USER#{user}|WAS_PENDING#{id}`, written in the
// transaction that removes its row, so that nobody has to guess later what became of a payment. It sorts
// after everything else of the user's: no other read of the partition's rows passes over it.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/questions.hpp"
#include "table/table.hpp"

namespace loopstate::store {

inline constexpr std::string_view kEndedPrefix = "WAS_PENDING#";

table::Key ended_key(std::string_view user, std::string_view capture_id);

/// No shorter than any payment's mark lives, so that as long as a mark names a capture, its end is known.
inline constexpr std::chrono::seconds kEndedLifetime = std::chrono::days(100);

/// CorruptItem names the item and the field.
Result<EndedCapture> ended_from_row(const table::Item& row);

/// Unconditional: it comes with the removal of the capture's row, which is not.
table::Put put_ended(std::string_view user, const Capture& capture, Ending ending, Timestamp now,
                     const StoreSettings& settings);

}  // namespace loopstate::store
