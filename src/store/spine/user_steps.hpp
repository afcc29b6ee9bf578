// The steps that change a user's context and ring, and what their refusals tell.
#pragma once

#include <optional>
#include <string>

#include "store/spine/rule.hpp"
#include "store/spine/user_view.hpp"

namespace loopstate::store {

/// The context that a change begins with: the view's, or a new user's, with the view's ring.
Context changed_from(const UserView& view, const std::string& user, Timestamp now);

/// `next` as it is written over the view's context: the next version, this write's id, and no more events
/// than there is room for.
Context successor(Context next, const UserView& view, const WriteCall& call);

/// Writes `next`, a successor, over the view's context.
void add_context(Steps& steps, const UserView& view, const Context& next);

/// What refusals tell of the user. Nothing is left where only reading tells what there is now: a row was
/// changed by a writer who knows no contexts. Erased, CorruptItem.
Result<void> learn_user(std::optional<UserView>& view, const Refusals& refusals, const std::string& user);

/// Plans by `plan_with(view)` where a ring-changing write may stand on what is known of the user. Read where
/// it may not, and where a view that was not read whole is refused: it may be out of date, and the refusal
/// with it.
template <typename PlanWith>
auto plan_on(const std::optional<UserView>& view, Timestamp now, PlanWith plan_with)
    -> decltype(plan_with(*view)) {
  if (!view || !may_stand_on(*view, now)) return Read{};
  auto plan = plan_with(*view);
  if (!plan && !view->whole) return Read{};
  return plan;
}

}  // namespace loopstate::store
