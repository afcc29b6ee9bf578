#include "store/rules/context_write.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/context_room.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"

namespace loopstate::store {
namespace {

// The next context, advanced and with room for it.
Result<Context> prepare(const ContextWrite& write, const std::optional<Context>& base, const WriteCall& call,
                        const StoreSettings& settings) {
  auto next = write.change(base);
  if (!next) return next;
  advance(*next, base, call.write_id, call.call.now);
  TRY_OK(check_room(base, *next, settings.max_pending_captures));
  return next;
}

// What a lost race means: nothing (try again), or a conflict for the caller.
Result<void> judge_race(const ContextWrite& write, const std::optional<Context>& base, const Context& current,
                        bool last_attempt) {
  if (write.conflict_always || last_attempt) {
    auto paths = base && write.overlap ? write.overlap(*base, current) : std::vector<std::string>{};
    return version_conflict(current, std::move(paths), !write.conflict_always);
  }
  if (!base || !write.overlap) return {};
  auto paths = write.overlap(*base, current);
  if (paths.empty()) return {};
  return version_conflict(current, std::move(paths), false);
}

// Whether a refused write was made by an earlier sending. OutcomeUnknown if nobody can tell any more.
Result<bool> was_applied(const table::WriteOutcome& outcome, const ContextPlace& place,
                         const std::optional<Context>& base, const WriteCall& call, const std::string& user) {
  if (!outcome.may_have_been_applied) return false;
  auto own = OwnWrite::Unknown;
  if (place.context)
    own = find_own_write(call.write_id, base, row_of(*place.context).write_ids, place.context->version);
  if (place.tombstone)
    own = find_own_write(call.write_id, base, place.tombstone->write_ids, place.tombstone->version);
  if (own == OwnWrite::Unknown) return write_lost_from_sight(user);
  return own == OwnWrite::Applied;
}

}  // namespace

std::unexpected<Error> write_lost_from_sight(std::string_view user) {
  return fail(ErrorCode::OutcomeUnknown,
              fmt::format("the context of user {} may or may not have been written: the reply was lost, and "
                          "others have written since",
                          user));
}

std::string context_of(std::string_view user) {
  return fmt::format("the context of user {}", user);
}

std::unexpected<Error> no_context(std::string_view user) {
  return fail(ErrorCode::NotFound, fmt::format("user {} has no context", user));
}

std::unexpected<Error> version_conflict(Context current, std::vector<std::string> paths, bool retryable) {
  auto message =
      fmt::format("the context of user {} is now at version {}", current.pubkey.text(), current.version);
  if (!paths.empty()) message += fmt::format("; both sides changed {}", fmt::join(paths, ", "));
  Error error{ErrorCode::VersionConflict, std::move(message), retryable, nullptr};
  error.conflict = std::make_shared<const Conflict>(Conflict{std::move(current), std::move(paths)});
  return std::unexpected(std::move(error));
}

Task<Result<ContextPlace>> get_context_place(CorePtr core, std::string user, table::Call call) {
  auto key = context_key(user);
  CO_TRY(auto row, co_await core->table->get(std::move(key), call));
  co_return read_context_place(row);
}

namespace {

Task<Result<Context>> attempt_write(CorePtr core, ContextWrite write, WriteCall call) {
  std::optional<Context> base;
  bool have_base = false;
  bool base_is_held = false;  // as the caller remembers it, which may be long ago
  if (write.held && row_of(*write.held).stored && write.held->pubkey.text() == write.user) {
    base = std::move(write.held);
    have_base = true;
    base_is_held = !write.conflict_always;
  }
  Attempts attempts(context_of(write.user), call.call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    if (!have_base) {
      CO_TRY(auto place, co_await get_context_place(core, write.user, call.call));
      if (place.tombstone) co_return erased(write.user);
      base = std::move(place.context);
    }
    auto next = prepare(write, base, call, core->settings);
    // A change that refuses the remembered context may accept the current one.
    have_base = next || !base_is_held;
    base_is_held = false;
    if (!have_base) continue;
    if (!next) co_return std::unexpected(std::move(next.error()));
    auto operation = write_over(base, *next);
    auto answer = answer_for(call, *next);
    CO_TRY(auto outcome,
           co_await write_once(core, std::move(operation), call, write.user, std::move(answer)));
    if (outcome.applied) co_return std::move(*next);

    auto place = read_context_place(outcome.item);
    if (!place) {
      if (outcome.may_have_been_applied) co_return write_lost_from_sight(write.user);
      co_return std::unexpected(std::move(place.error()));
    }
    CO_TRY(auto applied, was_applied(outcome, *place, base, call, write.user));
    if (applied) co_return std::move(*next);
    if (place->tombstone) co_return erased(write.user);
    if (!place->context) {  // gone: start again from nothing
      base.reset();
      continue;
    }
    core->conflicts.fetch_add(1, std::memory_order_relaxed);
    CO_TRY_OK(judge_race(write, base, *place->context, attempts.is_last()));
    base = std::move(place->context);
  }
  co_return attempts.gave_up();
}

}  // namespace

Task<Result<Context>> write_context(CorePtr core, ContextWrite write, WriteCall call) {
  auto work = attempt_write(core, std::move(write), call);
  co_return co_await once(std::move(core), std::move(call), std::move(work));
}

}  // namespace loopstate::store
