// A card's two rows: `CARD#{fingerprint}|META` says whose it is, `USER#{user}|CARD#{fingerprint}` is the
// user's own item.
#pragma once

#include <string_view>

#include "loopstate/card.hpp"
#include "table/table.hpp"

namespace loopstate::store {

/// From a `CARD#..|META` row. CorruptItem names the item and the field; last4 and time may be missing, as the
/// Rust crate allows.
Result<Card> card_from_row(const table::Item& row);
/// From a `USER#..|CARD#..` row.
Result<Card> card_from_user_row(const table::Item& row);

table::Item card_row(const Card& card);
table::Item user_card_row(const Card& card);

/// Holds while the card belongs to this user.
table::Condition belongs_to(std::string_view user);
/// CardLinkedElsewhere: it does not.
std::unexpected<Error> linked_elsewhere();
/// Holds while the card's row says the same as this one.
table::Condition card_unchanged(const table::Item& row);

}  // namespace loopstate::store
