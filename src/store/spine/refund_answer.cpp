#include "store/spine/refund_answer.hpp"

#include <utility>

namespace loopstate::store {

RefundOutcome refund_outcome(RefundOutcome::State state, UserId user,
                             std::optional<RefundOutcome::Change> change) {
  using State = RefundOutcome::State;
  switch (state) {
    case State::UnknownPayment:
      return RefundOutcome();
    case State::Recorded:
      return RefundOutcome(
          RefundOutcome::Recorded{std::move(user), change.value_or(RefundOutcome::Change{})});
    case State::Undone:
      return RefundOutcome(RefundOutcome::Undone{std::move(user), change.value_or(RefundOutcome::Change{})});
    case State::Duplicate:
      return RefundOutcome(RefundOutcome::Duplicate{std::move(user)});
    case State::Noted:
      return RefundOutcome(RefundOutcome::Noted{std::move(user)});
    case State::ExceedsPayment:
      return RefundOutcome(RefundOutcome::ExceedsPayment{std::move(user), change});
    case State::OtherCurrency:
      return RefundOutcome(RefundOutcome::OtherCurrency{std::move(user), change});
  }
  return RefundOutcome();
}

}  // namespace loopstate::store
