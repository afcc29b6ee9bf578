// The context's calls: fetch, get_or_init, push, patch, events, memory, update.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/documents/check_document.hpp"
#include "store/documents/context_paths.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/context_write.hpp"
#include "store/rules/erasure.hpp"
#include "store/spine/ask.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/held.hpp"
#include "store/spine/request.hpp"

namespace loopstate {

using store::ContextPlace;
using store::ContextWrite;
using store::CorePtr;

namespace {

constexpr std::string_view kMemoryPrefix = "agent_memory.";

std::string memory_path(std::string_view key) {
  return fmt::format("{}{}", kMemoryPrefix, key);
}

// Of the paths that a writer touches, those that somebody else has changed since `base`.
std::vector<std::string> touched_by_both(const std::vector<std::string>& touched, const Context& base,
                                         const Context& current) {
  std::vector<std::string> both;
  for (auto& path : store::changed_paths(base, current)) {
    if (std::ranges::find(touched, path) != touched.end()) both.push_back(std::move(path));
  }
  return both;
}

std::vector<std::string> paths_of(const std::vector<ContextChange>& changes) {
  std::vector<std::string> paths;
  for (const auto& change : changes) paths.push_back(change.path);
  return paths;
}

Result<void> check_changes(const std::vector<ContextChange>& changes) {
  if (changes.empty()) return fail(ErrorCode::InvalidArgument, "there is no path to change");
  auto paths = paths_of(changes);
  std::ranges::sort(paths);
  const auto twice = std::ranges::adjacent_find(paths);
  if (twice == paths.end()) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("path {} is given twice", *twice));
}

// The base of a change that requires a context.
Result<Context> existing(const std::optional<Context>& base, const std::string& user) {
  if (!base) return store::no_context(user);
  return *base;
}

Result<Context> pick(Result<ContextPlace> place, const std::string& user) {
  if (!place) return std::unexpected(std::move(place.error()));
  if (place->tombstone) return store::erased(user);
  if (!place->context) return store::no_context(user);
  return std::move(*place->context);
}

// `name`: the call's, as its request id records it.
Task<Result<Context>> change_paths(CorePtr core, std::string_view name, UserId whose,
                                   std::vector<ContextChange> changes, WriteOptions options) {
  CO_TRY(auto call, store::begin_write(*core, options, name, whose, changes));
  CO_TRY_OK(check_changes(changes));
  const auto& user = whose.text();
  CO_TRY_OK(store::check_held(user, options.held()));
  ContextWrite write;
  write.user = user;
  write.held = std::move(options).held();
  write.overlap = [touched = paths_of(changes)](const Context& base, const Context& current) {
    return touched_by_both(touched, base, current);
  };
  write.change = [user, changes = std::move(changes)](const std::optional<Context>& base) -> Result<Context> {
    auto next = existing(base, user);
    if (!next) return next;
    for (const auto& change : changes) {
      TRY_OK(store::apply_change(*next, change));
    }
    return next;
  };
  co_return co_await store::write_context(std::move(core), std::move(write), std::move(call));
}

// Of the paths that a push changes, those that somebody else has changed since it was read.
std::vector<std::string> pushed_by_both(const std::optional<Context>& base, const Context& changed,
                                        const Context& current) {
  if (!base) return {};
  return touched_by_both(store::changed_paths(*base, changed), *base, current);
}

// A push of a context from a file or a message: the row it is based on is read first.
Task<Result<std::optional<Context>>> row_under(CorePtr core, Context changed, std::optional<Context> base,
                                               table::Call call) {
  CO_TRY(auto place, co_await store::get_context_place(std::move(core), changed.pubkey.text(), call));
  if (place.tombstone) co_return store::erased(changed.pubkey.text());
  if (!place.context) co_return store::no_context(changed.pubkey.text());
  if (place.context->version != changed.version) {
    auto paths = pushed_by_both(base, changed, *place.context);
    co_return store::version_conflict(std::move(*place.context), std::move(paths), false);
  }
  co_return std::move(place.context);
}

// The bounds apply to what a write adds to `stored`: existing values may be longer, since the Rust crate sets
// no bounds.
Result<void> check_added(const Context& context, const std::optional<Context>& stored) {
  for (const auto& event : context.recent_events) {
    if (stored && std::ranges::find(stored->recent_events, event) != stored->recent_events.end()) continue;
    TRY_OK(store::check_event(event));
  }
  for (const auto& [key, value] : context.agent_memory) {
    if (stored && stored->agent_memory.contains(key)) continue;
    TRY_OK(check_name("memory key", key));
  }
  return {};
}

// The stored context is read only if something is out of bounds, to see whether that is new.
Task<Result<void>> check_pushed(CorePtr core, Context changed, table::Call call) {
  // A context read from the table may have a name longer than a caller may give.
  if (!store::row_of(changed).stored || changed.pubkey.empty()) {
    CO_TRY_OK(check_name("pubkey", changed.pubkey.text()));
  }
  CO_TRY_OK(store::check_document(changed));
  auto ok = check_added(changed, std::nullopt);
  if (ok || changed.version == 0) co_return ok;
  CO_TRY(auto place, co_await store::get_context_place(std::move(core), changed.pubkey.text(), call));
  co_return check_added(changed, place.context);
}

// A new user's first context, or the one that continues from a tombstone's version.
Context first_context(const UserId& user, const std::optional<store::Tombstone>& tombstone,
                      const store::WriteCall& call) {
  auto next = new_context(user, call.call.now);
  std::optional<Context> before;
  if (tombstone) {
    before = next;
    before->version = tombstone->version;
    store::row_of(*before).write_ids = tombstone->write_ids;
  }
  store::advance(next, before, call.write_id, call.call.now);
  return next;
}

// An existing context is the answer. Under a request id that is kept too, since otherwise the repetition
// would create one if it has been removed since. False: it has changed meanwhile.
Task<Result<bool>> keep_answer(CorePtr core, Context found, store::WriteCall call) {
  if (!call.request) co_return true;
  std::vector<table::Operation> operations;
  operations.emplace_back(
      table::Check{store::context_key(found.pubkey.text()), store::unchanged_since(std::optional(found))});
  auto answer = store::answer_for(call, found);
  CO_TRY(auto outcome, co_await store::transact_once(std::move(core), std::move(operations), std::move(call),
                                                     found.pubkey.text(), std::move(answer)));
  co_return outcome.applied;
}

Task<Result<Context>> find_or_make(CorePtr core, UserId id, bool revive, store::WriteCall call) {
  const auto& user = id.text();
  auto place = co_await store::get_context_place(core, user, call.call);
  store::Attempts attempts(store::context_of(user), call.call.deadline);
  while (attempts.left()) {
    if (!place) co_return std::unexpected(std::move(place.error()));
    CO_TRY_OK(co_await attempts.next());
    if (place->context) {
      CO_TRY(auto kept, co_await keep_answer(core, *place->context, call));
      if (kept) co_return std::move(*place->context);
      place = co_await store::get_context_place(core, user, call.call);
      continue;
    }
    if (place->tombstone && !revive) co_return store::erased(user);
    if (place->tombstone) {
      CO_TRY_OK(co_await store::finish_erasure(core, id, call));
    }
    std::optional<Context> base;
    if (place->tombstone) store::row_of(base.emplace()).write_ids = place->tombstone->write_ids;
    auto next = first_context(id, place->tombstone, call);
    table::Operation put = place->tombstone
                               ? store::revive(*place->tombstone, next)
                               : table::Put{store::context_row(next), table::Condition::item_absent()};
    auto answer = store::answer_for(call, next);
    CO_TRY(auto outcome, co_await store::write_once(core, std::move(put), call, user, std::move(answer)));
    if (outcome.applied) co_return next;
    place = store::read_context_place(outcome.item);
    if (!outcome.may_have_been_applied) continue;
    // Made and removed again, or overwritten too often: nothing that is there now could tell.
    if (!place || !place->context) co_return store::write_lost_from_sight(user);
    const auto& row = *place->context;
    const auto own = store::find_own_write(call.write_id, base, store::row_of(row).write_ids, row.version);
    if (own == store::OwnWrite::Applied) co_return next;
    if (own == store::OwnWrite::Unknown) co_return store::write_lost_from_sight(user);
  }
  co_return attempts.gave_up();
}

Task<Result<Context>> push_over(CorePtr core, Context changed, std::optional<Context> base,
                                store::WriteCall call) {
  CO_TRY_OK(co_await check_pushed(core, changed, call.call));
  if (changed.recent_events.size() > store::kMaxRecentEvents)
    changed.recent_events.resize(store::kMaxRecentEvents);

  ContextWrite write;
  write.user = changed.pubkey.text();
  write.conflict_always = true;
  const bool creates = changed.version == 0;
  if (store::row_of(changed).stored && !creates) {
    write.held = changed;
  } else if (!creates) {
    CO_TRY(auto under, co_await row_under(core, changed, base, call.call));
    write.held = std::move(under);
  }
  if (base) {
    write.overlap = [base, changed](const Context&, const Context& current) {
      return pushed_by_both(base, changed, current);
    };
  }
  write.change = [changed = std::move(changed),
                  creates](const std::optional<Context>& row) -> Result<Context> {
    if (!row && !creates) return store::no_context(changed.pubkey.text());
    if (row && creates) return store::version_conflict(*row, {}, false);
    auto next = changed;
    store::row_of(next) = row ? store::row_of(*row) : store::ContextRow{};
    if (!row) store::row_of(next).ring.emplace();
    return next;
  };
  co_return co_await store::write_context(std::move(core), std::move(write), std::move(call));
}

Task<Result<Context>> fetch_on(CorePtr core, UserId user, ReadOptions options) {
  CO_TRY(const auto call, store::begin_read(*core, options, user));
  // Without a coroutine of its own, whose result would be moved twice more.
  auto key = store::context_key(user.text());
  CO_TRY(auto&& row, co_await core->table->get(std::move(key), call));
  co_return pick(store::read_context_place(row), user.text());
}

Task<Result<Context>> get_or_init_on(CorePtr core, UserId user, InitOptions options) {
  const bool revive = options.revives();
  CO_TRY(auto call, store::begin_write(*core, options, "get_or_init", user, revive));
  const auto repetition = revive ? store::Repetition::MayDoItTwice : store::Repetition::IsToldByItself;
  auto work = find_or_make(core, user, revive, call);
  co_return co_await store::once(core, std::move(call), std::move(work), repetition);
}

Task<Result<Context>> push_on(CorePtr core, Context changed, PushOptions options) {
  CO_TRY(auto call, store::begin_write(*core, options, "push", changed));
  CO_TRY_OK(store::check_held(changed.pubkey.text(), changed, "the context to push"));
  CO_TRY_OK(store::check_held(changed.pubkey.text(), options.base(), "base"));
  auto work = push_over(core, std::move(changed), std::move(options).base(), call);
  co_return co_await store::once(core, std::move(call), std::move(work), store::Repetition::IsToldByItself);
}

Task<Result<Context>> push_event_on(CorePtr core, UserId user, ByName<ContextEvent> named,
                                    WriteOptions options) {
  auto event = std::move(named).value();
  CO_TRY(auto call, store::begin_write(*core, options, "push_event", user, event));
  CO_TRY_OK(store::check_event(event));
  CO_TRY_OK(store::check_held(user.text(), options.held()));
  ContextWrite write;
  write.user = user.text();
  write.held = std::move(options).held();
  write.change = [user, event = std::move(event),
                  now = call.call.now](const std::optional<Context>& base) -> Result<Context> {
    auto next = base ? *base : new_context(user, now);
    store::add_event(next, event, now);
    return next;
  };
  co_return co_await store::write_context(std::move(core), std::move(write), std::move(call));
}

Task<Result<JsonText>> recall_on(CorePtr core, UserId user, std::string key, ReadOptions options) {
  CO_TRY(auto context, co_await fetch_on(core, user, std::move(options)));
  const auto found = context.agent_memory.find(key);
  if (found == context.agent_memory.end()) {
    co_return fail(ErrorCode::NotFound, fmt::format("user {} has no memory {}", user.text(), key));
  }
  co_return found->second;
}

Task<Result<Context>> update_on(CorePtr core, UserId user, FunctionByName<Result<void>(Context&)> change,
                                CallOptions options) {
  CO_TRY(auto call, store::begin_write(*core, options, "update", user));
  if (!change) co_return fail(ErrorCode::InvalidArgument, "there is no function that changes the context");
  ContextWrite write;
  write.user = user.text();
  write.change = [name = user.text(),
                  change = std::move(change)](const std::optional<Context>& base) -> Result<Context> {
    auto next = existing(base, name);
    if (!next) return next;
    TRY_OK(store::ask([&] { return change(*next); }));
    TRY_OK(store::check_document(*next));
    TRY_OK(check_added(*next, base));
    if (next->recent_events.size() > store::kMaxRecentEvents)
      next->recent_events.resize(store::kMaxRecentEvents);
    next->pubkey = base->pubkey;
    store::row_of(*next) = store::row_of(*base);
    return next;
  };
  co_return co_await store::write_context(std::move(core), std::move(write), std::move(call));
}

}  // namespace

Task<Result<Context>> Store::fetch(UserId user, ReadOptions options) {
  return fetch_on(core_, std::move(user), std::move(options));
}

Task<Result<Context>> Store::get_or_init(UserId user, InitOptions options) {
  return get_or_init_on(core_, std::move(user), std::move(options));
}

Task<Result<Context>> Store::push(Context changed, PushOptions options) {
  return push_on(core_, std::move(changed), std::move(options));
}

Task<Result<Context>> Store::patch(UserId user, std::vector<ContextChange> changes, WriteOptions options) {
  return change_paths(core_, "patch", std::move(user), std::move(changes), std::move(options));
}

Task<Result<Context>> Store::unset(UserId user, std::vector<std::string> paths, WriteOptions options) {
  std::vector<ContextChange> changes;
  for (auto& path : paths) {
    ContextChange change;
    change.path = std::move(path);
    changes.push_back(std::move(change));
  }
  return change_paths(core_, "unset", std::move(user), std::move(changes), std::move(options));
}

Task<Result<Context>> Store::push_event(UserId user, ByName<ContextEvent> named, WriteOptions options) {
  return push_event_on(core_, std::move(user), std::move(named), std::move(options));
}

Task<Result<Context>> Store::remember(UserId user, std::string key, JsonText value, WriteOptions options) {
  std::vector<ContextChange> changes(1);
  changes[0].path = memory_path(key);
  changes[0].value = std::move(value);
  return change_paths(core_, "remember", std::move(user), std::move(changes), std::move(options));
}

Task<Result<JsonText>> Store::recall(UserId user, std::string key, ReadOptions options) {
  return recall_on(core_, std::move(user), std::move(key), std::move(options));
}

Task<Result<Context>> Store::forget(UserId user, std::string key, WriteOptions options) {
  std::vector<ContextChange> changes(1);
  changes[0].path = memory_path(key);
  return change_paths(core_, "forget", std::move(user), std::move(changes), std::move(options));
}

Task<Result<Context>> Store::update(UserId user, FunctionByName<Result<void>(Context&)> change,
                                    CallOptions options) {
  return update_on(core_, std::move(user), std::move(change), std::move(options));
}

}  // namespace loopstate
