// Cards, across users' partitions: a card's item and its owner's item for it have to agree.
#pragma once

#include "loopstate/task.hpp"
#include "store/upkeep/check_run.hpp"

namespace loopstate::store {

/// A pair needs the card's item, the user's item for it and the user's context.
inline constexpr std::size_t kMaxPairsAtOnce = table::kMaxBatchGetKeys / 3;

/// Reads what the pairs gathered so far are about, reports what is wrong, and mends it if asked to. At most
/// kMaxPairsAtOnce at a time.
Task<Result<void>> check_pairs(RunPtr run);

}  // namespace loopstate::store
