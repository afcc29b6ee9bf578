// Session keys: what an agent may do on a user's behalf, for how long and how often.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/check_document.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/session_row.hpp"
#include "store/session_spends.hpp"
#include "store/write_id.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::WriteCall;

std::unexpected<Error> no_session(std::string_view user) {
  return fail(ErrorCode::NotFound, fmt::format("user {} has no session", user));
}

std::unexpected<Error> expired(std::string_view user, UnixSeconds expires_at) {
  return fail(ErrorCode::SessionExpired, fmt::format("the session of user {} ended at {}", user, expires_at));
}

// Fills in what the caller left out, and refuses what could never be used.
Result<void> prepare(Session& session, UnixSeconds now, UnixSeconds lifetime) {
  if (session.created_at == 0) session.created_at = now;
  if (session.expires_at == 0) session.expires_at = now + lifetime;
  if (auto ok = store::check_document(session); !ok) return ok;
  for (const auto& scope : session.scopes) {
    if (auto ok = check_name("scope", scope); !ok) return ok;
  }
  if (session.expires_at <= now) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("session field expires_at: {} is not after now, {}", session.expires_at, now));
  }
  if (session.actions_used > session.max_actions) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("session field actions_used: {} is more than max_actions, {}",
                            session.actions_used, session.max_actions));
  }
  return {};
}

table::UpdateItem spend(std::string_view user, std::string_view scope, const WriteCall& write) {
  using table::Comparison;
  using table::Condition;
  using table::Value;
  namespace attribute = store::attribute;
  table::UpdateItem update;
  update.key = store::session_key(user);
  update.condition = Condition::all_of(
      {Condition::contains(attribute::kScopes, scope),
       Condition::compare(attribute::kActionsLeft, Comparison::Greater, Value::number(std::int64_t{0})),
       Condition::compare(attribute::kExpiresAt, Comparison::Greater, Value::number(write.call.now)),
       Condition::negate(Condition::contains(attribute::kSpends, write.write_id))});
  update.update.push_back(table::Change::add(attribute::kActionsLeft, Value::number(std::int64_t{-1})));
  store::add_spend(update.update, write);
  return update;
}

// Gives a session that the Rust crate stored our attributes and spends its first action, if it is still the
// very session that was seen.
table::UpdateItem adopt_and_spend(const table::Item& row, Session session, const WriteCall& write) {
  using table::Change;
  using table::Condition;
  namespace attribute = store::attribute;
  table::UpdateItem update;
  update.key = row.key;
  update.condition =
      Condition::all_of({Condition::equals(attribute::kSessionData, *row.string(attribute::kSessionData)),
                         Condition::absent(attribute::kActionsLeft)});
  const auto left = std::uint64_t{session.max_actions} - session.actions_used - 1;
  ++session.actions_used;
  update.update.push_back(Change::set(attribute::kSessionData, to_json(session)));
  update.update.push_back(Change::set(attribute::kActionsLeft, table::Value::number(left)));
  update.update.push_back(Change::set(attribute::kScopes, *store::scope_set(session)));
  store::add_spend(update.update, write);
  return update;
}

bool has_scope(const table::Item& row, const Session& session, std::string_view scope) {
  if (!store::is_adopted(row)) return std::ranges::find(session.scopes, scope) != session.scopes.end();
  return table::holds(table::Condition::contains(store::attribute::kScopes, scope), &row);
}

// Why the session does not let this action pass; nothing when it does.
Result<void> judge(const table::Item& row, const Session& session, std::string_view user,
                   std::string_view scope, UnixSeconds now) {
  if (session.expires_at <= now) return expired(user, session.expires_at);
  if (!has_scope(row, session, scope)) {
    return fail(ErrorCode::ScopeDenied,
                fmt::format("the session of user {} does not have scope {}", user, scope));
  }
  if (session.actions_used >= session.max_actions) {
    return fail(ErrorCode::NoActionsLeft,
                fmt::format("the session of user {} has spent its {} actions", user, session.max_actions));
  }
  return {};
}

Result<Authorization> left_in(const table::Item& row) {
  const auto left = store::need_uint64(row, store::attribute::kActionsLeft);
  if (!left) return std::unexpected(left.error());
  return Authorization{static_cast<std::uint32_t>(*left)};
}

// Best effort: the spend is made, whatever becomes of this.
Task<void> trim(CorePtr core, table::Item row, WriteCall write) {
  table::UpdateItem update{row.key, store::trim_spends(row, write.write_id), {}};
  if (update.update.empty()) co_return;
  (void)co_await core->table->update(std::move(update), write.call);
}

}  // namespace

Task<Result<Session>> Store::store_session(UserId user, Session session, CallOptions options) {
  auto core = core_;
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  if (auto ok = prepare(session, write->call.now, core->settings.session_lifetime); !ok) {
    co_return std::unexpected(std::move(ok.error()));
  }
  std::vector<table::Operation> operations;
  operations.emplace_back(store::user_not_erased(user.text()));
  // A repetition must not give back what was spent since.
  operations.emplace_back(table::Put{
      store::session_row(user.text(), session, write->write_id),
      table::Condition::compare(store::attribute::kWriteId, table::Comparison::NotEqual, write->write_id)});
  auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), write->call);
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  if (outcome->applied) co_return std::move(session);
  if (outcome->refusals.at(0).refused) co_return store::erased(user.text());
  const auto& own = outcome->refusals.at(1).item;
  if (!own) co_return fail(ErrorCode::Unavailable, "the session went away while it was looked at", true);
  co_return store::session_from_row(*own);
}

Task<Result<Session>> Store::get_session(UserId user, CallOptions options) {
  auto core = core_;
  const auto call = store::begin_read(*core, options);
  auto key = store::session_key(user.text());
  auto row = co_await core->table->get(std::move(key), call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  if (!*row) co_return no_session(user.text());
  auto session = store::session_from_row(**row);
  if (session && session->expires_at <= call.now) co_return expired(user.text(), session->expires_at);
  co_return session;
}

Task<Result<bool>> Store::revoke_session(UserId user, CallOptions options) {
  auto core = core_;
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  // A transaction of one, since the repetition of a plain removal could not tell whether it removed anything.
  std::vector<table::Operation> operations;
  operations.emplace_back(
      table::Erase{store::session_key(user.text()),
                   table::Condition::compare(store::attribute::kExpiresAt, table::Comparison::Greater,
                                             table::Value::number(write->call.now))});
  auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), write->call);
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  co_return outcome->applied;
}

Task<Result<Authorization>> Store::authorize(UserId user, std::string scope, CallOptions options) {
  auto core = core_;
  if (auto ok = check_name("scope", scope); !ok) co_return std::unexpected(std::move(ok.error()));
  auto begun = store::begin_write(*core, options);
  if (!begun) co_return std::unexpected(std::move(begun.error()));
  const auto write = std::move(*begun);
  auto update = spend(user.text(), scope, write);
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    if (auto waited = co_await store::pause_before_retry(attempt, write.call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
    auto outcome = co_await core->table->update(std::move(update), write.call);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    if (!outcome->item) co_return no_session(user.text());
    auto& row = *outcome->item;
    if (outcome->applied) {
      auto left = left_in(row);
      co_await trim(core, std::move(row), write);
      co_return left;
    }
    // Ours, whose reply was lost.
    if (store::knows_spend(row, write.write_id)) co_return left_in(row);
    auto session = store::session_from_row(row);
    if (!session) co_return std::unexpected(std::move(session.error()));
    if (auto ok = judge(row, *session, user.text(), scope, write.call.now); !ok) {
      co_return std::unexpected(std::move(ok.error()));
    }
    // Nothing speaks against it: the Rust crate's, or it changed between two tries.
    update = store::is_adopted(row) ? spend(user.text(), scope, write)
                                    : adopt_and_spend(row, std::move(*session), write);
  }
  co_return fail(
      ErrorCode::Unavailable,
      fmt::format("the session of user {} kept changing under {} attempts", user.text(), store::kMaxAttempts),
      true);
}

}  // namespace loopstate
