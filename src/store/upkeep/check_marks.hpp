// Captures that name the mark of their payment, and whether it is there: without it a redelivered payment
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

/// A capture that is pending, whose mark must live still.
struct MarkedCapture {
  std::string user;
  std::string id;
  NamedMark mark;
};

/// Nothing where the capture names no mark, or one that is over by now. CorruptItem.
Result<std::optional<MarkedCapture>> marked_capture(std::string user, const table::Item& row,
                                                    const Capture& capture, Timestamp now);

/// How many go into one call of `without_mark`.
inline constexpr std::size_t kMaxMarksAtOnce = table::kMaxBatchGetKeys;

/// Those whose mark is not there, in two reads: of the marks first, then of each capture that lacks one, with
/// its mark again, since a scan is no consistent cut. A mark that cannot be read is there.
Task<Result<std::vector<MarkedCapture>>> without_mark(CorePtr core, std::vector<MarkedCapture> captures,
                                                      table::Call call);

CheckFinding finding_of(const MarkedCapture& capture);

/// Makes the mark again, as it was: of when the capture was stored, with the same end. Refunds that were
/// reported while it was not there are taken off the capture, with an event in the user's context. False when
/// the state had changed meanwhile. CorruptItem, ItemTooLarge.
Task<Result<bool>> restore_mark(CorePtr core, MarkedCapture capture, table::Call call);

}  // namespace loopstate::store
