// The repairs of a check, each one conditional write: true when it was made, false when the state had changed
// meanwhile.
#pragma once

#include <string>

#include "loopstate/card.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

/// Gives the owner an item of the card.
Task<Result<bool>> add_owner_item(CorePtr core, Card card, table::Call call);
/// Removes the user's item of a card that is not the user's.
Task<Result<bool>> remove_owner_item(CorePtr core, std::string fingerprint, std::string user,
                                     table::Call call);
/// Removes the card of a user who was erased.
Task<Result<bool>> remove_card_of_erased(CorePtr core, std::string fingerprint, std::string user,
                                         table::Call call);
/// Gives a session our attributes, if it still is the very session that the row shows.
Task<Result<bool>> adopt_session(CorePtr core, std::string user, table::Call call);
/// Writes the ring anew, from the pending captures that are there.
Task<Result<bool>> rewrite_ring(CorePtr core, std::string user, table::Call call);

}  // namespace loopstate::store
