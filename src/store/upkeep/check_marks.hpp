// Captures that name the mark of their payment, and whether it exists: without it a redelivered payment
// would be counted a second time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "store/rows/capture_row.hpp"
#include "store/spine/core.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::store {

/// A pending capture whose mark must still be live.
struct MarkedCapture {
  std::string user;
  std::string id;
  NamedMark mark;
};

/// Nothing if the capture names no mark, or one that has expired by now. CorruptItem.
Result<std::optional<MarkedCapture>> marked_capture(std::string user, const table::Item& row,
                                                    const Capture& capture, Timestamp now);

/// How many go into one call of `without_mark`.
inline constexpr std::size_t kMaxMarksAtOnce = table::kMaxBatchGetKeys;

/// Those whose mark is missing, in two reads: of the marks first, then of each capture that lacks one, with
/// its mark again, since a scan is no consistent cut. A mark that cannot be read counts as existing.
Task<Result<std::vector<MarkedCapture>>> without_mark(CorePtr core, std::vector<MarkedCapture> captures,
                                                      table::Call call);

CheckFinding finding_of(const MarkedCapture& capture);

/// Restores the mark as it was: dated when the capture was stored, with the same end. Refunds that were
/// reported while it was missing are deducted from the capture, with an event in the user's context. False if
/// the state had changed meanwhile. CorruptItem, ItemTooLarge.
Task<Result<bool>> restore_mark(CorePtr core, MarkedCapture capture, table::Call call);

}  // namespace loopstate::store
