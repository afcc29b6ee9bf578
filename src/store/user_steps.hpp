// The steps that change a user's context and ring, and what their refusals tell.
#pragma once

#include <optional>
#include <string>

#include "store/steps.hpp"
#include "store/user_view.hpp"

namespace loopstate::store {

/// The context that a change begins with: the view's, or a new user's, with the view's ring.
Context changed_from(const UserView& view, const std::string& user, Timestamp now);

/// `next` as it is written over the view's context: the next version, this write's id, and no more events
/// than there is room for.
Context successor(Context next, const UserView& view, const WriteCall& call);

/// Writes `next`, a successor, over the view's context.
void add_context(Steps& steps, const UserView& view, const Context& next);

/// The view that a transaction leaves when it is applied: `next` was written, and these captures are as said.
UserView after_write(UserView view, Context next);

/// What refusals tell of the user. Nothing is left where only reading tells what there is now: a row was
/// changed by a writer who knows no contexts. Erased, CorruptItem.
Result<void> learn_user(std::optional<UserView>& view, const Refusals& refusals, const std::string& user);

/// The view where a ring-changing write may stand on it; null: read first.
const UserView* usable(const std::optional<UserView>& view, Timestamp now);

}  // namespace loopstate::store
