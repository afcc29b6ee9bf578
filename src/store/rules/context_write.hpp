// Writing one user's context, and nothing else: read (or take what the caller holds), change, write
// conditionally, and resolve a lost race from the refusal's own reply.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/rows/context_row.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

struct ContextWrite {
  std::string user;
  /// What the caller holds; if it is stale, that costs a request.
  std::optional<Context> held;
  /// Makes the context to write from the current one. Called again with the fresh one after a lost race.
  /// Without a context it may refuse with NotFound or start a new one.
  std::function<Result<Context>(const std::optional<Context>& base)> change;
  /// After a lost race: the paths that both sides changed between `base` and `current`. If none, `change` is
  /// tried again. A writer for whom every race is a conflict sets `conflict_always`.
  std::function<std::vector<std::string>(const Context& base, const Context& current)> overlap;
  bool conflict_always = false;
};

/// The context as written, by this call or by an earlier one under the caller's request id. VersionConflict
/// with the fresh context, Erased, ItemTooLarge, OutcomeUnknown, RequestIdReused, and the errors of `change`.
Task<Result<Context>> write_context(CorePtr core, ContextWrite write, WriteCall call);

/// Reads what is stored in the context's place.
Task<Result<ContextPlace>> get_context_place(CorePtr core, std::string user, table::Call call);

/// A VersionConflict that carries the fresh context.
std::unexpected<Error> version_conflict(Context current, std::vector<std::string> paths, bool retryable);

/// OutcomeUnknown: the reply to a write was lost, and what is there now does not show whether it was made.
std::unexpected<Error> write_lost_from_sight(std::string_view user);

/// "the context of user U1", for messages.
std::string context_of(std::string_view user);
std::unexpected<Error> no_context(std::string_view user);

}  // namespace loopstate::store
