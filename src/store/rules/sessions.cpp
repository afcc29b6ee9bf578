// Session keys: what an agent may do on a user's behalf, for how long and how often. Spending is in
// authorize.cpp.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/documents/check_document.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/session_row.hpp"
#include "store/spine/core.hpp"
#include "store/spine/rule.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::WriteCall;

std::unexpected<Error> no_session(std::string_view user) {
  return fail(ErrorCode::NotFound, fmt::format("user {} has no session", user));
}

std::unexpected<Error> expired(std::string_view user, Timestamp expires_at) {
  return fail(ErrorCode::SessionExpired,
              fmt::format("the session of user {} ended at {}", user, unix_seconds(expires_at)));
}

// Fills in what the caller left out, and refuses what could never be used.
Result<void> prepare(Session& session, Timestamp now, std::chrono::seconds lifetime) {
  if (session.created_at == Timestamp{}) session.created_at = now;
  if (session.expires_at == Timestamp{}) session.expires_at = now + lifetime;
  TRY_OK(store::check_document(session));
  for (const auto& scope : session.scopes) {
    TRY_OK(check_name("scope", scope));
  }
  if (session.expires_at <= now) {
    return fail(ErrorCode::InvalidArgument, fmt::format("session field expires_at: {} is not after now, {}",
                                                        unix_seconds(session.expires_at), unix_seconds(now)));
  }
  if (session.actions_used > session.max_actions) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("session field actions_used: {} is more than max_actions, {}",
                            session.actions_used, session.max_actions));
  }
  return {};
}

table::Condition is_live(Timestamp now) {
  return table::Condition::compare(store::attribute::kExpiresAt, table::Comparison::Greater,
                                   table::Value::time(now));
}

// A session that has expired by now may have been stored before: a repetition under a request id is answered.
Task<Result<Session>> put_session(CorePtr core, std::string user, Session session, WriteCall write) {
  CO_TRY_OK(prepare(session, write.call.now, core->settings.session_lifetime));
  std::vector<table::Operation> operations;
  operations.emplace_back(store::user_not_erased(user));
  operations.emplace_back(table::Put{store::session_row(user, session, write.write_id), {}});
  CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, user,
                                                     store::answer_for(write, session)));
  if (!outcome.applied) co_return store::erased(user);
  core->sessions.keep(user, {write.write_id, std::uint64_t{session.max_actions} - session.actions_used});
  co_return std::move(session);
}

struct Revocation {
  std::string user;
  Timestamp now{};
  bool named = false;  // under a request id
};

struct KnownSession {
  bool absent = false;  // there was no live one
};

// Transactions of one operation, since repeating a plain removal could not tell whether it removed anything.
// If the call has a name, that there was none is kept as well: a repetition must not end a later session.
Result<store::Plan<bool>> plan_revocation(const Revocation& work, const KnownSession& known) {
  if (known.absent && !work.named) return store::Settled<bool>{false};
  const auto live = is_live(work.now);
  const auto key = store::session_key(work.user);
  store::Write<bool> write;
  if (known.absent) {
    write.steps.add(store::Role::Session, table::Check{key, table::Condition::negate(live)});
  } else {
    write.steps.add(store::Role::Session, table::Erase{key, live});
  }
  write.answer = !known.absent;
  write.user = work.user;
  return write;
}

Task<Result<bool>> remove_session(CorePtr core, std::string user, WriteCall write) {
  store::Rule<KnownSession, bool> rule;
  rule.subject = fmt::format("the session of user {}", user);
  rule.plan = [work = Revocation{user, write.call.now, write.request != nullptr}](const KnownSession& known) {
    return plan_revocation(work, known);
  };
  rule.learn = [](KnownSession& known, const store::Refusals& /*the one step's*/) {
    known.absent = !known.absent;
    return Result<void>();
  };
  auto removing = store::run_rule(core, std::move(rule), KnownSession{}, std::move(write));
  auto removed = co_await std::move(removing);
  if (removed) core->sessions.forget(user);
  co_return removed;
}

Task<Result<Session>> store_session_on(CorePtr core, UserId user, ByName<Session> named,
                                       CallOptions options) {
  auto session = std::move(named).value();
  CO_TRY(const auto write, store::begin_write(*core, options, "store_session", user, session));
  auto storing = put_session(core, user.text(), std::move(session), write);
  co_return co_await store::once_if_named(core, write, std::move(storing));
}

Task<Result<Session>> get_session_on(CorePtr core, UserId user, ReadOptions options) {
  CO_TRY(const auto call, store::begin_read(*core, options, user));
  auto key = store::session_key(user.text());
  CO_TRY(auto row, co_await core->table->get(std::move(key), call));
  if (!row) co_return no_session(user.text());
  auto session = store::session_from_row(*row);
  if (session && session->expires_at <= call.now) co_return expired(user.text(), session->expires_at);
  co_return session;
}

Task<Result<bool>> revoke_session_on(CorePtr core, UserId user, CallOptions options) {
  CO_TRY(const auto write, store::begin_write(*core, options, "revoke_session", user));
  auto revoking = remove_session(core, user.text(), write);
  co_return co_await store::once_if_named(core, write, std::move(revoking));
}

}  // namespace

Task<Result<Session>> Store::store_session(UserId user, ByName<Session> named, CallOptions options) {
  return store_session_on(core_, std::move(user), std::move(named), std::move(options));
}

Task<Result<Session>> Store::get_session(UserId user, ReadOptions options) {
  return get_session_on(core_, std::move(user), std::move(options));
}

Task<Result<bool>> Store::revoke_session(UserId user, CallOptions options) {
  return revoke_session_on(core_, std::move(user), std::move(options));
}

}  // namespace loopstate
