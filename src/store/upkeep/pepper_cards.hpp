// How many cards are still linked under the pepper before.
#pragma once

#include <cstdint>
#include <functional>

#include "loopstate/store.hpp"

namespace loopstate::store {

struct PepperCards {
  std::uint64_t cards = 0;          ///< linked at all
  std::uint64_t need_previous = 0;  ///< of these, linked before the pepper in use came, and not moved since
  std::uint64_t unreadable = 0;     ///< items that may be cards
};

/// One scan of the whole table. A fingerprint does not show its pepper, so what counts is when it was linked
/// or moved: `since` is when the pepper in use came. `between` is called after each page with what was
/// counted so far; its error ends the scan. The errors of the engine.
Task<Result<PepperCards>> count_cards(Store store, Timestamp since, std::chrono::milliseconds request_timeout,
                                      std::function<Result<void>(const PepperCards& so_far)> between);

}  // namespace loopstate::store
