#include "table/service/certainty.hpp"

#include <fmt/format.h>

namespace loopstate::table::service {

namespace {

/// Whether the service's answer to one sending holds for all of them.
bool settles(Operation operation, const Failure& failure) {
  if (failure.type.empty()) return false;  // not the service's own
  const bool invalid =
      failure.error.code == ErrorCode::InvalidArgument || failure.error.code == ErrorCode::ItemTooLarge;
  switch (operation) {
    case Operation::TransactWriteItems:
      // A repeat under the token of a transaction that was done gets that one's answer, and of one under way
      // it is told so: an answer that looked at the items means that no earlier sending was done.
      return failure.refused || invalid;
    case Operation::PutItem:
    case Operation::DeleteItem:
    case Operation::BatchWriteItem:
      return invalid;  // decided by the request alone, whatever is in the table
    default:
      return false;  // whether an update fits depends on the item, which may have changed in between
  }
}

}  // namespace

void Certainty::add(const Failure& failure) {
  const bool earlier = (maybe_done_ || failure.sent_before) && !settles(operation_, failure);
  maybe_done_ = earlier || failure.maybe_done;
}

void Certainty::conclude(Failure& failure) const {
  failure.maybe_done = maybe_done_;
  if (!maybe_done_ || failure.refused || !is_write(operation_)) return;
  failure.error =
      Error{ErrorCode::OutcomeUnknown,
            fmt::format("{} may or may not have been done: {}", to_string(operation_), failure.error.message),
            true, nullptr};
}

}  // namespace loopstate::table::service
