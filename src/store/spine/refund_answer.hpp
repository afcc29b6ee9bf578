// The outcome of a refund's report made from its parts, by the plan and by the answer that was kept.
#pragma once

#include <optional>

#include "loopstate/refund_outcome.hpp"

namespace loopstate::store {

/// `user` and `change` count as far as the state has them; a state that cannot be without a change gets an
/// empty one.
RefundOutcome refund_outcome(RefundOutcome::State state, UserId user,
                             std::optional<RefundOutcome::Change> change);

}  // namespace loopstate::store
