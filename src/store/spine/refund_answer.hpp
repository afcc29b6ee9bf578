// The outcome of a refund's report, assembled from its parts, for the plan and for a kept answer.
#pragma once

#include <optional>

#include "loopstate/refund_outcome.hpp"

namespace loopstate::store {

/// `user` and `change` are used only if the state has them; a state that requires a change gets an
/// empty one.
RefundOutcome refund_outcome(RefundOutcome::State state, UserId user,
                             std::optional<RefundOutcome::Change> change);

}  // namespace loopstate::store
