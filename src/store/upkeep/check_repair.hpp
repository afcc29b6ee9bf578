// The repairs of a check, each one conditional write: true if it was made, false if the state had changed
// meanwhile.
#pragma once

#include <string>

#include "loopstate/card.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

/// Gives the owner an item for the card.
Task<Result<bool>> add_owner_item(CorePtr core, Card card, table::Call call);
/// Removes the user's item for a card that is not the user's.
Task<Result<bool>> remove_owner_item(CorePtr core, std::string fingerprint, std::string user,
                                     table::Call call);
/// Removes the card of a user who was erased.
Task<Result<bool>> remove_card_of_erased(CorePtr core, std::string fingerprint, std::string user,
                                         table::Call call);
/// Gives a session our attributes, if it is still the same session that the row shows.
Task<Result<bool>> adopt_session(CorePtr core, std::string user, table::Call call);
/// Rebuilds the ring from the pending captures that exist.
Task<Result<bool>> rewrite_ring(CorePtr core, std::string user, table::Call call);
/// Finishes an erasure that was cut off. Erases nobody without a tombstone.
Task<Result<bool>> mend_erasure(CorePtr core, UserId user, table::Call call);

}  // namespace loopstate::store
