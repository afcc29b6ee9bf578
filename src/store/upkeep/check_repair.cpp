#include "store/upkeep/check_repair.hpp"

#include <boost/asio/awaitable.hpp>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/session_row.hpp"
#include "store/rows/write_id.hpp"
#include "store/rules/erasure.hpp"
#include "store/rules/ring_plan.hpp"

namespace loopstate::store {
namespace {

Task<Result<bool>> apply_all(CorePtr core, std::vector<table::Operation> operations, table::Call call) {
  CO_TRY(auto outcome, co_await core->table->transact(std::move(operations), new_token(), call));
  co_return outcome.applied;
}

}  // namespace

Task<Result<bool>> add_owner_item(CorePtr core, Card card, table::Call call) {
  std::vector<table::Operation> operations;
  operations.emplace_back(table::Put{user_card_row(card), table::Condition::item_absent()});
  operations.emplace_back(table::Check{card_key(card.fingerprint.text()), belongs_to(card.user.text())});
  operations.emplace_back(user_not_erased(card.user.text()));
  co_return co_await apply_all(std::move(core), std::move(operations), call);
}

Task<Result<bool>> remove_owner_item(CorePtr core, std::string fingerprint, std::string user,
                                     table::Call call) {
  std::vector<table::Operation> operations;
  // The condition makes the engine read the item before it is removed.
  operations.emplace_back(table::Erase{user_card_key(user, fingerprint), table::Condition::item_exists()});
  operations.emplace_back(table::Check{card_key(fingerprint), table::Condition::negate(belongs_to(user))});
  co_return co_await apply_all(std::move(core), std::move(operations), call);
}

Task<Result<bool>> remove_card_of_erased(CorePtr core, std::string fingerprint, std::string user,
                                         table::Call call) {
  std::vector<table::Operation> operations;
  operations.emplace_back(table::Erase{card_key(fingerprint), belongs_to(user)});
  operations.emplace_back(table::Check{context_key(user), table::Condition::exists(attribute::kErasedAt)});
  co_return co_await apply_all(std::move(core), std::move(operations), call);
}

Task<Result<bool>> adopt_session(CorePtr core, std::string user, table::Call call) {
  auto key = session_key(user);
  CO_TRY(auto row, co_await core->table->get(std::move(key), call));
  if (!row || is_adopted(*row)) co_return false;
  CO_TRY(auto session, session_from_row(*row));
  const std::uint64_t left =
      session.max_actions > session.actions_used ? session.max_actions - session.actions_used : 0;
  auto update = adoption(*row, session, left, new_write_id(call.now), table::List());
  CO_TRY(auto outcome, co_await core->table->update(std::move(update), call));
  co_return outcome.applied;
}

Task<Result<bool>> rewrite_ring(CorePtr core, std::string user, table::Call call) {
  WriteCall write;
  write.call = call;
  write.write_id = new_write_id(call.now);
  auto rule = ring_rule<bool>(core, user);
  rule.plan = [user, write](const KnownRing& known) { return plan_ring_anew(user, write, known); };
  auto rewriting = run_rule(std::move(core), std::move(rule), KnownRing{}, std::move(write));
  auto ending = co_await std::move(rewriting);
  if (ending) co_return true;
  // Erased meanwhile: nothing is left to repair.
  if (ending.error().code == ErrorCode::Erased) co_return false;
  co_return std::unexpected(std::move(ending.error()));
}

Task<Result<bool>> mend_erasure(CorePtr core, UserId user, table::Call call) {
  core->sessions.forget(user.text());
  WriteCall write;
  write.call = call;
  write.write_id = new_write_id(call.now);
  CO_TRY_OK(co_await finish_erasure(std::move(core), std::move(user), std::move(write)));
  co_return true;
}

}  // namespace loopstate::store
