// The steps that change a user's context and ring, and what their refusals show.
#pragma once

#include <optional>
#include <string>

#include "store/spine/rule.hpp"
#include "store/spine/user_view.hpp"

namespace loopstate::store {

/// The context that a change starts from: the view's, or a new user's, with the view's ring.
Context changed_from(const UserView& view, const std::string& user, Timestamp now);

/// `next` as it is written over the view's context: the next version, this write's id, and no more events
/// than there is room for.
Context successor(Context next, const UserView& view, const WriteCall& call);

/// Writes `next`, a successor, over the view's context.
void add_context(Steps& steps, const UserView& view, const Context& next);

/// Takes in what refusals show about the user. Leaves nothing if only a read can tell what is there now: a
/// row was changed by a writer who does not know contexts. Erased, CorruptItem.
Result<void> learn_user(std::optional<UserView>& view, const Refusals& refusals, const std::string& user);

/// Plans with `plan_with(view)` if a ring-changing write may be based on what is known about the user. Reads
/// if it may not, and if a view that was not read completely is refused: it may be out of date, and the
/// refusal with it.
template <typename PlanWith>
auto plan_on(const std::optional<UserView>& view, Timestamp now, PlanWith plan_with)
    -> decltype(plan_with(*view)) {
  if (!view || !may_stand_on(*view, now)) return Read{};
  auto plan = plan_with(*view);
  if (!plan && !view->whole) return Read{};
  return plan;
}

}  // namespace loopstate::store
