// Where a user is. Events may come in any order: the row keeps the time of the newest, and an older one never
// undoes it, leaving included.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/location_row.hpp"
#include "store/request.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::WriteCall;
using table::Condition;
namespace attribute = store::attribute;

struct LocationWrite {
  std::string user;
  std::optional<std::string> merchant;  // none: the user leaves
  Timestamp time{};
  Condition condition;
};

Condition not_newer_than(Timestamp time) {
  return Condition::compare(attribute::kEnteredAt, table::Comparison::LessOrEqual, table::Value::time(time));
}

std::vector<table::Operation> beside_living(const std::string& user, table::Operation operation) {
  std::vector<table::Operation> operations;
  operations.emplace_back(store::user_not_erased(user));
  operations.emplace_back(std::move(operation));
  return operations;
}

// What a transaction came to.
struct Written {
  bool applied = false;
  std::optional<table::Item> row;  // that refused it
};

Task<Result<Written>> write_beside_living(CorePtr core, std::string user, table::Operation operation,
                                          WriteCall write, bool answer) {
  auto operations = beside_living(user, std::move(operation));
  CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, user,
                                                     store::answer_for(write, answer)));
  if (outcome.applied) co_return Written{true, std::nullopt};
  if (outcome.refusals.at(0).refused) co_return store::erased(user);
  co_return Written{false, std::move(outcome.refusals.at(1).item)};
}

// One transaction, which also sees to it that an erased user is not brought back.
Task<Result<Written>> write_location(CorePtr core, LocationWrite location, WriteCall write, bool answer) {
  // The row goes an hour after it was written, whatever the event's own time.
  const auto expires_at = write.call.now + core->settings.location_lifetime;
  table::Put put{store::location_row(location.user, location.merchant, location.time, expires_at),
                 std::move(location.condition)};
  return write_beside_living(core, location.user, std::move(put), write, answer);
}

// That nothing was to be done is an answer too: a repetition must not do it after all. False: what was seen
// has changed meanwhile.
Task<Result<bool>> settle_unchanged(CorePtr core, LocationWrite location, WriteCall write) {
  if (!write.request) co_return true;
  table::Check still{store::location_key(location.user), Condition::negate(std::move(location.condition))};
  CO_TRY(auto kept, co_await write_beside_living(core, location.user, std::move(still), write, false));
  co_return kept.applied;
}

std::unexpected<Error> kept_changing(const std::string& user) {
  return fail(
      ErrorCode::Unavailable,
      fmt::format("the location of user {} kept changing under {} attempts", user, store::kMaxAttempts),
      true);
}

Result<Timestamp> time_of(std::optional<Timestamp> event_time, Timestamp now) {
  if (!event_time) return now;
  if (*event_time >= Timestamp{}) return *event_time;
  return fail(ErrorCode::InvalidArgument,
              fmt::format("event time must not be negative, but is {}", unix_seconds(*event_time)));
}

bool is_nowhere(const std::optional<table::Item>& row) {
  return !row || !row->attributes.contains(attribute::kMerchantId);
}

// The user is there: at this merchant, where one is named.
Condition is_there(const std::optional<MerchantId>& merchant) {
  if (merchant) return Condition::equals(attribute::kMerchantId, merchant->text());
  return Condition::exists(attribute::kMerchantId);
}

Task<Result<bool>> enter(CorePtr core, LocationWrite location, WriteCall write) {
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    CO_TRY_OK(co_await store::pause_before_retry(attempt, write.call.deadline));
    CO_TRY(auto written, co_await write_location(core, location, write, true));
    if (written.applied) co_return true;
    CO_TRY(auto settled, co_await settle_unchanged(core, location, write));
    if (settled) co_return false;
  }
  co_return kept_changing(location.user);
}

Task<Result<bool>> go_away(CorePtr core, LocationWrite leaving, LocationWrite keeping, WriteCall write) {
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    CO_TRY_OK(co_await store::pause_before_retry(attempt, write.call.deadline));
    CO_TRY(auto left, co_await write_location(core, leaving, write, true));
    if (left.applied) co_return true;
    if (is_nowhere(left.row)) {
      // The time of leaving is kept, so that an entry from before it that comes late is refused.
      CO_TRY(auto kept, co_await write_location(core, keeping, write, false));
      if (kept.applied) co_return false;
      if (!is_nowhere(kept.row)) continue;
    }
    CO_TRY(auto settled, co_await settle_unchanged(core, leaving, write));
    if (settled) co_return false;
  }
  co_return kept_changing(leaving.user);
}

}  // namespace

Task<Result<bool>> Store::set_location(UserId user, MerchantId merchant, LocationOptions options) {
  auto core = core_;
  CO_TRY(const auto write,
         store::begin_write(*core, options, "set_location", user, merchant, options.event_time()));
  CO_TRY(const auto time, time_of(options.event_time(), write.call.now));
  LocationWrite location;
  location.user = user.text();
  location.merchant = merchant.text();
  location.time = time;
  location.condition = Condition::any_of({Condition::item_absent(), not_newer_than(time)});
  auto entering = enter(core, std::move(location), write);
  co_return co_await store::once_if_named(core, write, std::move(entering));
}

Task<Result<Location>> Store::get_location(UserId user, CallOptions options) {
  auto core = core_;
  CO_TRY(const auto call, store::begin_read(*core, options, user));
  auto key = store::location_key(user.text());
  CO_TRY(auto row, co_await core->table->get(std::move(key), call));
  std::optional<Location> location;
  if (row) {
    CO_TRY(auto read, store::location_from_row(*row));
    location = std::move(read);
  }
  if (!location) co_return fail(ErrorCode::NotFound, fmt::format("user {} is at no merchant", user.text()));
  co_return std::move(*location);
}

Task<Result<bool>> Store::clear_location(UserId user, ClearLocationOptions options) {
  auto core = core_;
  const auto& merchant = options.merchant();
  CO_TRY(const auto write,
         store::begin_write(*core, options, "clear_location", user, merchant, options.event_time()));
  CO_TRY(const auto time, time_of(options.event_time(), write.call.now));
  LocationWrite leaving;
  leaving.user = user.text();
  leaving.time = time;
  leaving.condition = Condition::all_of({is_there(merchant), not_newer_than(time)});
  LocationWrite keeping = leaving;
  keeping.condition = Condition::any_of(
      {Condition::item_absent(),
       Condition::all_of({Condition::absent(attribute::kMerchantId), not_newer_than(time)})});
  auto going = go_away(core, std::move(leaving), std::move(keeping), write);
  co_return co_await store::once_if_named(core, write, std::move(going));
}

}  // namespace loopstate
