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
#include "store/spine/read_to_plan.hpp"
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

// What a write is based on, and where that comes from.
struct Base {
  enum class From : std::uint8_t {
    Nowhere,    // it must be read
    Caller,     // as the caller remembers it, perhaps from long ago
    StaleRead,  // perhaps from long ago, and not seen by any caller
    Table       // a strong read, a refusal, or what the caller insists on
  };
  std::optional<Context> context;
  From from = From::Nowhere;
  table::Call read_by;

  bool may_be_old() const noexcept { return from == From::Caller || from == From::StaleRead; }
  void stand_on(std::optional<Context> refused_by) {
    context = std::move(refused_by);
    from = From::Table;
  }
};

Base base_of(ContextWrite& write, const WriteCall& call) {
  Base base;
  base.read_by = may_be_stale(call.call);
  if (!write.held || !row_of(*write.held).stored || write.held->pubkey.text() != write.user) return base;
  base.context = std::move(write.held);
  base.from = write.conflict_always ? Base::From::Table : Base::From::Caller;
  return base;
}

bool is_stale(const table::Call& call) {
  return call.consistency == table::Consistency::MayBeStale;
}

// Two writes of the Rust crate within a second may look alike to the condition of a write over them, so an
// old reading of the first would pass for the second.
bool has_weak_gate(const ContextPlace& place) {
  return place.context && row_of(*place.context).write_ids.empty();
}

Task<Result<std::optional<Context>>> read_base(CorePtr core, std::string user, table::Call call) {
  CO_TRY(auto place, co_await get_context_place(core, user, call));
  if (is_stale(call) && has_weak_gate(place)) {
    call.consistency = table::Consistency::Strong;
    CO_TRY(place, co_await get_context_place(core, user, call));
  }
  if (place.tombstone) co_return erased(user);
  co_return std::move(place.context);
}

Task<Result<Context>> next_on(CorePtr core, const ContextWrite* write, Base* base, WriteCall call) {
  if (base->from == Base::From::Nowhere) {
    auto reading = read_base(core, write->user, base->read_by);
    auto read = co_await std::move(reading);
    if (!read && !is_refusal(read.error().code)) co_return std::unexpected(std::move(read.error()));
    base->from = is_stale(base->read_by) ? Base::From::StaleRead : Base::From::Table;
    CO_TRY(base->context, std::move(read));
  }
  co_return prepare(*write, base->context, call, core->settings);
}

Task<Result<table::WriteOutcome>> write_next(CorePtr core, std::string user, Context next,
                                             std::optional<Context> base, WriteCall call) {
  auto operation = write_over(base, next);
  auto answer = answer_for(call, next);
  return write_once(std::move(core), std::move(operation), std::move(call), std::move(user),
                    std::move(answer));
}

// A change that is refused on a base that may be old is tried again on what is stored.
bool ask_again(Base& base, const WriteCall& call) {
  if (!base.may_be_old()) return false;
  base.from = Base::From::Nowhere;
  base.read_by = call.call;
  return true;
}

Task<Result<Context>> attempt_write(CorePtr core, ContextWrite write, WriteCall call) {
  auto base = base_of(write, call);
  Attempts attempts(context_of(write.user), call.call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    auto preparing = next_on(core, &write, &base, call);
    auto next = co_await std::move(preparing);
    if (!next) {
      if (ask_again(base, call)) continue;
      co_return std::unexpected(std::move(next.error()));
    }
    auto writing = write_next(core, write.user, *next, base.context, call);
    auto outcome = co_await std::move(writing);
    if (!outcome) {
      if (is_refusal(outcome.error().code) && ask_again(base, call)) continue;
      co_return std::unexpected(std::move(outcome.error()));
    }
    if (outcome->applied) co_return std::move(*next);

    auto place = read_context_place(outcome->item);
    if (!place) {
      if (outcome->may_have_been_applied) co_return write_lost_from_sight(write.user);
      co_return std::unexpected(std::move(place.error()));
    }
    CO_TRY(auto applied, was_applied(*outcome, *place, base.context, call, write.user));
    if (applied) co_return std::move(*next);
    if (place->tombstone) co_return erased(write.user);
    if (place->context) {
      core->conflicts.fetch_add(1, std::memory_order_relaxed);
      // What others wrote before a stale read is no conflict with a change that has not seen it.
      const bool raced = base.from != Base::From::StaleRead || attempts.is_last();
      if (raced) {
        CO_TRY_OK(judge_race(write, base.context, *place->context, attempts.is_last()));
      }
    }
    base.stand_on(std::move(place->context));
  }
  co_return attempts.gave_up();
}

}  // namespace

Task<Result<Context>> write_context(CorePtr core, ContextWrite write, WriteCall call) {
  auto work = attempt_write(core, std::move(write), call);
  co_return co_await once(std::move(core), std::move(call), std::move(work));
}

}  // namespace loopstate::store
