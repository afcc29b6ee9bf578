#include "store/user_transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/capture_row.hpp"
#include "store/context_room.hpp"
#include "store/keys.hpp"
#include "store/request.hpp"
#include "table/limits.hpp"

namespace loopstate::store {
namespace {

using Refusals = std::vector<table::TransactOutcome::Refusal>;

// Plans on the view; nothing when the rows are needed and not there.
Result<std::optional<UserPlan>> plan_on(const UserTransaction& transaction, const UserView& view,
                                        const WriteCall& call) {
  auto plan = transaction.plan(view);
  if (!plan || !*plan) return plan;
  advance((*plan)->next, view.context, call.write_id, call.call.now);
  if (view.whole) (*plan)->next.row.ring_read_at = call.call.now;
  make_room_for_events((*plan)->next);
  return plan;
}

std::vector<table::Operation> operations_of(UserPlan plan, const UserView& view) {
  std::vector<table::Operation> operations;
  operations.reserve(plan.operations.size() + 1);
  operations.push_back(write_over(view.context, plan.next));
  std::ranges::move(plan.operations, std::back_inserter(operations));
  return operations;
}

std::vector<table::Key> keys_of(const std::vector<table::Operation>& operations) {
  std::vector<table::Key> keys;
  keys.reserve(operations.size());
  for (const auto& operation : operations) keys.push_back(table::key_of(operation));
  return keys;
}

// A refused capture row is known afresh, or known to be gone.
Result<void> learn_rows(UserView& view, const std::vector<table::Key>& keys, const Refusals& refusals) {
  for (std::size_t i = 1; i < refusals.size(); ++i) {
    if (!refusals[i].refused || !keys[i].sk.starts_with(kPendingPrefix)) continue;
    const auto id = keys[i].sk.substr(kPendingPrefix.size());
    view.rows.erase(id);
    if (!refusals[i].item) continue;
    TRY(auto capture, capture_from_row(*refusals[i].item));
    view.rows.emplace(id, std::move(capture));
  }
  return {};
}

// The view to try again on; nothing: read it anew. The first refusal is the context's: while that holds, a
// row that refused was changed by a writer who knows no contexts, and only reading tells what there is now.
Result<std::optional<UserView>> after_refusal(UserView view, const std::vector<table::Key>& keys,
                                              const Refusals& refusals, const std::string& user) {
  if (!refusals.front().refused) return std::nullopt;
  TRY(auto place, read_context_place(refusals.front().item));
  if (place.tombstone) return erased(user);
  if (!place.context) return std::nullopt;
  TRY_OK(learn_rows(view, keys, refusals));
  return with_context(std::move(view), std::move(*place.context));
}

}  // namespace

Task<Result<UserEnding>> run_user_transaction(CorePtr core, UserTransaction transaction, WriteCall call) {
  using How = UserEnding::How;
  auto view = std::move(transaction.held);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    CO_TRY_OK(co_await pause_before_retry(attempt, call.call.deadline));
    if (view && !may_stand_on(*view, call.call.now)) view.reset();
    std::optional<UserPlan> plan;
    // A second turn only when what is held turns out not to have the rows that the plan needs, or refuses
    // what is there now may allow.
    for (int read = 0; read < 2 && !plan; ++read) {
      const bool reads = !view || read == 1;
      if (reads) {
        CO_TRY(auto loaded, co_await load_view(core, transaction.user, call.call));
        view = std::move(loaded);
      }
      auto planned = plan_on(transaction, *view, call);
      if (planned) {
        plan = std::move(*planned);
      } else if (reads) {
        co_return std::unexpected(std::move(planned.error()));
      }
    }
    if (!plan) {
      co_return fail(ErrorCode::Internal,
                     fmt::format("no plan for user {} although all rows were read", transaction.user));
    }
    auto next = plan->next;
    auto operations = operations_of(std::move(*plan), *view);
    const auto keys = keys_of(operations);
    std::string answer = call.request ? transaction.answer(next) : std::string();
    CO_TRY(auto outcome,
           co_await transact_once(core, std::move(operations), call, transaction.user, std::move(answer)));
    if (outcome.applied) {
      view->ring = next.row.ring;
      view->context = std::move(next);
      co_return UserEnding{How::Written, std::move(*view)};
    }
    if (transaction.stop) {
      const Refusals others(outcome.refusals.begin() + 1, outcome.refusals.end());
      if (transaction.stop(others)) co_return UserEnding{How::Stopped, std::move(*view)};
    }
    core->conflicts.fetch_add(1, std::memory_order_relaxed);
    CO_TRY(auto again, after_refusal(std::move(*view), keys, outcome.refusals, transaction.user));
    view = std::move(again);
  }
  co_return fail(
      ErrorCode::Unavailable,
      fmt::format("the state of user {} kept changing under {} attempts", transaction.user, kMaxAttempts),
      true);
}

}  // namespace loopstate::store
