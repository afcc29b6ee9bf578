// One transaction that changes a user's context and ring together with other items, repeated until it is
// through or is not to be done.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/user_view.hpp"

namespace loopstate::store {

/// What to do, given what is there.
struct UserPlan {
  Context next;                              ///< the context to write, with its ring; advanced by the runner
  std::vector<table::Operation> operations;  ///< everything beside the context
};

struct UserTransaction {
  std::string user;
  /// What the caller holds; nothing: read first.
  std::optional<UserView> held;
  /// Nothing: the rows have to be read for that. An error ends it.
  std::function<Result<std::optional<UserPlan>>(const UserView& view)> plan;
  /// Looks at the refusals of `operations` before anything else does: true ends it (the caller has noted
  /// why).
  std::function<bool(const std::vector<table::TransactOutcome::Refusal>& refusals)> stop;
  /// What the call answers once the plan is written, `next` being its context: kept for repetitions where the
  /// caller named the write, else not asked for.
  std::function<std::string(const Context& next)> answer;
};

struct UserEnding {
  enum class How : std::uint8_t {
    Written,  ///< `view.context` is as written
    Stopped   ///< `stop` said so
  };
  How how = How::Written;
  UserView view;
};

/// Runs inside of `once` (request.hpp).
Task<Result<UserEnding>> run_user_transaction(CorePtr core, UserTransaction transaction, WriteCall call);

}  // namespace loopstate::store
