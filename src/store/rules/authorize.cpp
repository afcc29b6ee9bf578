// Spending one action of a session: one conditional write, bound to the session that was seen, so that
// repeating it never spends from the next one.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/session_row.hpp"
#include "store/rows/session_spends.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/core.hpp"
#include "store/spine/read_to_plan.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/session_pins.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::SessionPin;
using store::WriteCall;
using table::Comparison;
using table::Condition;
using table::Value;
namespace attribute = store::attribute;

// What one call asks for, and the id under which it spends.
struct Spending {
  std::string user;
  std::string scope;
  std::string id;
  Timestamp now{};
};

// What one attempt is bound to.
struct Target {
  SessionPin pin;
  std::optional<table::Item> foreign;  // the row of a session that must be adopted first
};

std::unexpected<Error> nothing_to_spend(std::string_view user) {
  return fail(ErrorCode::NotFound, fmt::format("user {} has no session", user));
}

std::unexpected<Error> session_expired(std::string_view user, Timestamp expires_at) {
  return fail(ErrorCode::SessionExpired,
              fmt::format("the session of user {} ended at {}", user, unix_seconds(expires_at)));
}

std::unexpected<Error> perhaps_spent(std::string_view user) {
  return fail(ErrorCode::OutcomeUnknown,
              fmt::format("an action of user {} may have been spent in a session that was replaced or ended "
                          "before the answer came",
                          user));
}

std::string session_of(std::string_view user) {
  return fmt::format("the session of user {}", user);
}

bool has_scope(const table::Item& row, const Session& session, std::string_view scope) {
  if (!store::is_adopted(row)) return std::ranges::find(session.scopes, scope) != session.scopes.end();
  return table::holds(table::Condition::contains(store::attribute::kScopes, scope), &row);
}

// Why the session does not allow this action; nothing if it does.
Result<void> judge(const table::Item& row, const Session& session, std::string_view user,
                   std::string_view scope, Timestamp now) {
  if (session.expires_at <= now) return session_expired(user, session.expires_at);
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

SessionPin pin_of(const table::Item& row) {
  const auto* id = row.string(attribute::kWriteId);
  return {id == nullptr ? std::string() : *id, row.uint64(attribute::kActionsLeft).value_or(0)};
}

// The session to spend from, if it allows this action.
Result<Target> target_in(const Spending& spending, const table::Item& row) {
  TRY(const auto session, store::session_from_row(row));
  TRY_OK(judge(row, session, spending.user, spending.scope, spending.now));
  if (!store::is_adopted(row)) return Target{{}, row};
  return Target{pin_of(row), std::nullopt};
}

// The fewest actions that may be left while the row certainly remembers a spend made since the pin.
std::uint64_t fewest_left(const SessionPin& pin) {
  return pin.actions_left - std::min<std::uint64_t>(pin.actions_left, store::kKeptSpends);
}

table::UpdateItem spend(const Spending& spending, const SessionPin& pin) {
  table::UpdateItem update;
  update.key = store::session_key(spending.user);
  update.condition = Condition::all_of(
      {Condition::equals(attribute::kWriteId, Value(pin.write_id)),
       Condition::contains(attribute::kScopes, spending.scope),
       Condition::compare(attribute::kActionsLeft, Comparison::Greater, Value::number(std::int64_t{0})),
       Condition::compare(attribute::kActionsLeft, Comparison::GreaterOrEqual,
                          Value::number(fewest_left(pin))),
       Condition::compare(attribute::kExpiresAt, Comparison::Greater, Value::time(spending.now)),
       store::not_spent(spending.id)});
  update.update.push_back(table::Change::add(attribute::kActionsLeft, Value::number(std::int64_t{-1})));
  update.update.push_back(store::add_spend(spending.id));
  return update;
}

// Gives a session stored by the Rust crate our attributes and spends its first action, if it is still
// exactly the session that was seen.
Result<table::UpdateItem> adopt_and_spend(const Spending& spending, const table::Item& row) {
  TRY(auto session, store::session_from_row(row));
  const auto left = std::uint64_t{session.max_actions} - session.actions_used - 1;
  ++session.actions_used;
  auto update = store::adoption(row, session, left, spending.id, table::List{Value(spending.id)});
  update.update.push_back(table::Change::set(attribute::kSessionData, to_json(session)));
  return update;
}

Result<table::UpdateItem> attempt_on(const Spending& spending, const Target& target) {
  if (target.foreign) return adopt_and_spend(spending, *target.foreign);
  return spend(spending, target.pin);
}

Authorization answer_of(std::uint64_t left) {
  return {static_cast<std::uint32_t>(left)};
}

// Whether the row that refused shows that no earlier sending was applied: it belongs to the same session, and
// remembers all spends since.
bool surely_not_spent(const table::Item& row, const Target& target) {
  if (target.foreign || !store::is_adopted(row)) return false;
  const auto now = pin_of(row);
  return now.write_id == target.pin.write_id && now.actions_left >= fewest_left(target.pin);
}

// Best effort: the spend has been made, whatever becomes of this.
Task<void> trim(CorePtr core, table::Item row, table::Call call) {
  auto update = store::trim_spends(row);
  if (update.update.empty()) co_return;
  (void)co_await core->table->update(std::move(update), call);
}

Task<Result<std::optional<table::Item>>> get_session_row(CorePtr core, std::string user, table::Call call) {
  auto key = store::session_key(user);
  co_return co_await core->table->get(std::move(key), call);
}

Task<Result<Target>> read_target(CorePtr core, Spending spending, table::Call call) {
  CO_TRY(auto row, co_await get_session_row(core, spending.user, call));
  if (!row) co_return nothing_to_spend(spending.user);
  co_return target_in(spending, *row);
}

// The session that was last seen, or else the current one.
Task<Result<Target>> first_target(CorePtr core, Spending spending, table::Call call) {
  if (auto pin = core->sessions.find(spending.user)) co_return Target{std::move(*pin), std::nullopt};
  std::function<Task<Result<Target>>(table::Call)> read = [core, spending](table::Call how) {
    return read_target(core, spending, how);
  };
  auto reading = store::read_to_plan(std::move(read), call);
  co_return co_await std::move(reading);
}

Task<Result<Authorization>> spend_one(CorePtr core, Spending spending, WriteCall write) {
  auto target = co_await first_target(core, spending, write.call);
  store::Attempts attempts(session_of(spending.user), write.call.deadline);
  while (attempts.left()) {
    if (!target) co_return std::unexpected(std::move(target.error()));
    CO_TRY_OK(co_await attempts.next());
    CO_TRY(auto update, attempt_on(spending, *target));
    CO_TRY(auto outcome, co_await core->table->update(std::move(update), write.call));
    auto& row = outcome.item;
    const auto after = row ? store::spends_after(*row, spending.id) : std::nullopt;
    if (row && store::is_adopted(*row)) {
      core->sessions.keep(spending.user, pin_of(*row));
    } else {
      core->sessions.forget(spending.user);
    }
    if (after) {
      // What was left at that moment, regardless of later spending; also if the reply was lost.
      CO_TRY(auto left, store::need_uint64(*row, attribute::kActionsLeft));
      co_await trim(core, std::move(*row), write.call);
      co_return answer_of(left + *after);
    }
    if (outcome.may_have_been_applied && !(row && surely_not_spent(*row, *target))) {
      co_return perhaps_spent(spending.user);
    }
    if (!row) co_return nothing_to_spend(spending.user);
    target = target_in(spending, *row);
  }
  co_return attempts.gave_up();
}

struct KnownSessionRow {
  bool read = false;
  std::optional<table::Item> row;
};

struct NamedSpend {
  Authorization answer;
  table::Item row;  // before the spend
};

// If the caller named the write, its answer must be known in advance: the actions left are read first, and
// must not have changed.
Result<store::Plan<NamedSpend>> plan_spend(const Spending& spending, const KnownSessionRow& known) {
  if (!known.read) return store::Read{table::Consistency::MayBeStale};
  if (!known.row) return nothing_to_spend(spending.user);
  const auto& row = *known.row;
  TRY(const auto target, target_in(spending, row));
  TRY(auto update, attempt_on(spending, target));
  if (!target.foreign) {
    const auto same = Condition::equals(attribute::kActionsLeft, Value::number(target.pin.actions_left));
    update.condition = Condition::all_of({std::move(update.condition), same});
  }
  TRY(const auto session, store::session_from_row(row));
  store::Write<NamedSpend> write;
  write.steps.add(store::Role::Session, std::move(update));
  write.answer = {answer_of(std::uint64_t{session.max_actions} - session.actions_used - 1), row};
  write.user = spending.user;
  return write;
}

Task<Result<KnownSessionRow>> read_row(CorePtr core, std::string user, table::Call call) {
  CO_TRY(auto row, co_await get_session_row(std::move(core), std::move(user), call));
  co_return KnownSessionRow{true, std::move(row)};
}

Task<Result<Authorization>> spend_one_named(CorePtr core, Spending spending, WriteCall write) {
  store::Rule<KnownSessionRow, NamedSpend> rule;
  rule.subject = session_of(spending.user);
  rule.read = [core, user = spending.user](KnownSessionRow /*nothing*/, table::Call call) {
    return read_row(core, user, call);
  };
  rule.plan = [spending = std::move(spending)](const KnownSessionRow& known) {
    return plan_spend(spending, known);
  };
  rule.learn = [](KnownSessionRow& known, const store::Refusals& refusals) {
    known.row = refusals.item(store::Role::Session);
    return Result<void>();
  };
  rule.keep = [](const NamedSpend& spent) { return store::encode_answer(spent.answer); };
  auto planned = store::run_rule(core, std::move(rule), KnownSessionRow{}, write);
  CO_TRY(auto spent, co_await std::move(planned));
  co_await trim(core, std::move(spent.row), write.call);
  co_return spent.answer;
}

Task<Result<Authorization>> authorize_on(CorePtr core, UserId user, std::string scope, CallOptions options) {
  CO_TRY_OK(check_name("scope", scope));
  CO_TRY(const auto write, store::begin_write(*core, options, "authorize", user, scope));
  Spending spending{user.text(), std::move(scope), write.write_id, write.call.now};
  const auto spend_by = write.request ? &spend_one_named : &spend_one;
  auto spent = spend_by(core, std::move(spending), write);
  co_return co_await store::once_if_named(core, write, std::move(spent));
}

}  // namespace

Task<Result<Authorization>> Store::authorize(UserId user, std::string scope, CallOptions options) {
  return authorize_on(core_, std::move(user), std::move(scope), std::move(options));
}

}  // namespace loopstate
