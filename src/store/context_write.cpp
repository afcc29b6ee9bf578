#include "store/context_write.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "store/keys.hpp"

namespace loopstate::store {
namespace {

Task<Result<table::WriteOutcome>> send(CorePtr core, table::Operation operation, table::Call call) {
  if (auto* put = std::get_if<table::Put>(&operation)) {
    co_return co_await core->table->put(std::move(*put), call);
  }
  co_return co_await core->table->update(std::get<table::UpdateItem>(std::move(operation)), call);
}

// The next context, advanced and with room for it.
Result<Context> prepare(const ContextWrite& write, const std::optional<Context>& base,
                        const WriteCall& call) {
  auto next = write.change(base);
  if (!next) return next;
  if (auto ok = advance(*next, base, call.write_id, call.call.now); !ok)
    return std::unexpected(std::move(ok.error()));
  if (auto ok = check_room(base, *next); !ok) return std::unexpected(std::move(ok.error()));
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

}  // namespace

std::unexpected<Error> no_context(std::string_view user) {
  return fail(ErrorCode::NotFound, fmt::format("user {} has no context", user));
}

std::unexpected<Error> version_conflict(Context current, std::vector<std::string> paths, bool retryable) {
  auto message =
      fmt::format("the context of user {} is at version {} by now", current.pubkey, current.version);
  if (!paths.empty()) message += fmt::format("; both sides changed {}", fmt::join(paths, ", "));
  Error error{ErrorCode::VersionConflict, std::move(message), retryable, nullptr};
  error.conflict = std::make_shared<const Conflict>(Conflict{std::move(current), std::move(paths)});
  return std::unexpected(std::move(error));
}

Task<Result<ContextPlace>> get_context_place(CorePtr core, std::string user, table::Call call) {
  auto key = context_key(user);
  auto row = co_await core->table->get(std::move(key), call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  co_return read_context_place(*row);
}

Task<Result<Context>> write_context(CorePtr core, ContextWrite write, WriteCall call) {
  std::optional<Context> base;
  bool have_base = false;
  if (write.held && write.held->row.stored && write.held->pubkey == write.user) {
    base = std::move(write.held);
    have_base = true;
  }
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (auto waited = co_await pause_before_retry(attempt, call.call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
    if (!have_base) {
      auto place = co_await get_context_place(core, write.user, call.call);
      if (!place) co_return std::unexpected(std::move(place.error()));
      if (place->tombstone) co_return erased(write.user);
      base = std::move(place->context);
      have_base = true;
    }
    if (call.repeated && base && knows_write(base->row.write_ids, call.write_id)) co_return std::move(*base);

    auto next = prepare(write, base, call);
    if (!next) co_return std::unexpected(std::move(next.error()));
    auto operation = write_over(base, *next);
    auto outcome = co_await send(core, std::move(operation), call.call);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    if (outcome->applied) co_return std::move(*next);

    auto place = read_context_place(outcome->item);
    if (!place) co_return std::unexpected(std::move(place.error()));
    if (place->tombstone) co_return erased(write.user);
    if (!place->context) {  // gone: begin again from nothing
      base.reset();
      continue;
    }
    if (knows_write(place->context->row.write_ids, call.write_id)) co_return std::move(*place->context);
    core->conflicts.fetch_add(1, std::memory_order_relaxed);
    const bool last = attempt + 1 == kMaxAttempts;
    if (auto ok = judge_race(write, base, *place->context, last); !ok)
      co_return std::unexpected(std::move(ok.error()));
    base = std::move(place->context);
  }
  co_return fail(
      ErrorCode::Unavailable,
      fmt::format("the context of user {} kept changing under {} attempts", write.user, kMaxAttempts), true);
}

}  // namespace loopstate::store
