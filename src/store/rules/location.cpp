// Where a user is. Events may come in any order: the row keeps the time of the newest, and an older one never
// undoes it, whether it is an entry or an exit.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/location_row.hpp"
#include "store/spine/core.hpp"
#include "store/spine/rule.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::Refusals;
using store::Role;
using store::WriteCall;
using table::Condition;
namespace attribute = store::attribute;

struct LocationWrite {
  std::string user;
  std::optional<std::string> merchant;  // nothing: the user leaves
  Timestamp time{};
  Condition condition;
};

Condition not_newer_than(Timestamp time) {
  return Condition::compare(attribute::kEnteredAt, table::Comparison::LessOrEqual, table::Value::time(time));
}

// What one call has to do, and how far it has come.
struct LocationWork {
  LocationWrite writing;                 // the entry, or the leaving
  std::optional<LocationWrite> keeping;  // the time of leaving, so that an earlier entry is refused
  Timestamp expires_at{};  // of the row: an hour after it was written, whatever the event's own time
  bool named = false;      // under a request id
};

struct KnownLocation {
  enum class Stage : std::uint8_t {
    Write,
    Keep,   // the user is nowhere: only the time is to be kept
    Settle  // nothing is to be done
  };
  Stage stage = Stage::Write;
};

using Stage = KnownLocation::Stage;

store::Write<bool> location_write(const LocationWork& work, table::Operation operation, bool answer) {
  store::Write<bool> write;
  // An erased user is not brought back.
  write.steps.add(Role::NotErased, store::user_not_erased(work.writing.user));
  write.steps.add(Role::Location, std::move(operation));
  write.answer = answer;
  write.user = work.writing.user;
  return write;
}

table::Put put_location(const LocationWork& work, const LocationWrite& location) {
  return {store::location_row(location.user, location.merchant, location.time, work.expires_at),
          location.condition};
}

Result<store::Plan<bool>> plan_location(const LocationWork& work, const KnownLocation& known) {
  switch (known.stage) {
    case Stage::Write:
      return location_write(work, put_location(work, work.writing), true);
    case Stage::Keep:
      return location_write(work, put_location(work, *work.keeping), false);
    case Stage::Settle:
      break;
  }
  // That there was nothing to do is an answer too: a repetition must not do it after all.
  if (!work.named) return store::Settled<bool>{false};
  table::Check still{store::location_key(work.writing.user), Condition::negate(work.writing.condition)};
  return location_write(work, std::move(still), false);
}

bool is_nowhere(const std::optional<table::Item>& row) {
  return !row || !row->attributes.contains(attribute::kMerchantId);
}

Stage stage_after(const LocationWork& work, Stage stage, const std::optional<table::Item>& row) {
  switch (stage) {
    case Stage::Write:
      return work.keeping && is_nowhere(row) ? Stage::Keep : Stage::Settle;
    case Stage::Keep:
      return is_nowhere(row) ? Stage::Settle : Stage::Write;
    case Stage::Settle:
      break;
  }
  return Stage::Write;
}

Result<void> learn_location(const LocationWork& work, KnownLocation& known, const Refusals& refusals) {
  if (refusals.refused(Role::NotErased)) return store::erased(work.writing.user);
  known.stage = stage_after(work, known.stage, refusals.item(Role::Location));
  return {};
}

Task<Result<bool>> change_location(CorePtr core, LocationWork asked, WriteCall write) {
  asked.expires_at = write.call.now + core->settings.location_lifetime;
  asked.named = write.request != nullptr;
  auto work = std::make_shared<const LocationWork>(std::move(asked));
  store::Rule<KnownLocation, bool> rule;
  rule.subject = fmt::format("the location of user {}", work->writing.user);
  rule.plan = [work](const KnownLocation& known) { return plan_location(*work, known); };
  rule.learn = [work](KnownLocation& known, const Refusals& refusals) {
    return learn_location(*work, known, refusals);
  };
  return store::run_rule(std::move(core), std::move(rule), KnownLocation{}, std::move(write));
}

Result<Timestamp> time_of(std::optional<Timestamp> event_time, Timestamp now) {
  if (!event_time) return now;
  if (*event_time >= Timestamp{}) return *event_time;
  return fail(ErrorCode::InvalidArgument,
              fmt::format("event time must not be negative, but is {}", unix_seconds(*event_time)));
}

// The user is there: at this merchant, if one is named.
Condition is_there(const std::optional<MerchantId>& merchant) {
  if (merchant) return Condition::equals(attribute::kMerchantId, merchant->text());
  return Condition::exists(attribute::kMerchantId);
}

Task<Result<bool>> set_location_on(CorePtr core, UserId user, MerchantId merchant, LocationOptions options) {
  CO_TRY(const auto write,
         store::begin_write(*core, options, "set_location", user, merchant, options.event_time()));
  CO_TRY(const auto time, time_of(options.event_time(), write.call.now));
  LocationWork work;
  work.writing.user = user.text();
  work.writing.merchant = merchant.text();
  work.writing.time = time;
  work.writing.condition = Condition::any_of({Condition::item_absent(), not_newer_than(time)});
  auto entering = change_location(core, std::move(work), write);
  co_return co_await store::once_if_named(core, write, std::move(entering));
}

Task<Result<Location>> get_location_on(CorePtr core, UserId user, ReadOptions options) {
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

Task<Result<bool>> clear_location_on(CorePtr core, UserId user, ClearLocationOptions options) {
  const auto& merchant = options.merchant();
  CO_TRY(const auto write,
         store::begin_write(*core, options, "clear_location", user, merchant, options.event_time()));
  CO_TRY(const auto time, time_of(options.event_time(), write.call.now));
  LocationWork work;
  work.writing.user = user.text();
  work.writing.time = time;
  work.writing.condition = Condition::all_of({is_there(merchant), not_newer_than(time)});
  work.keeping = work.writing;
  work.keeping->condition = Condition::any_of(
      {Condition::item_absent(),
       Condition::all_of({Condition::absent(attribute::kMerchantId), not_newer_than(time)})});
  auto going = change_location(core, std::move(work), write);
  co_return co_await store::once_if_named(core, write, std::move(going));
}

}  // namespace

Task<Result<bool>> Store::set_location(UserId user, MerchantId merchant, LocationOptions options) {
  return set_location_on(core_, std::move(user), std::move(merchant), std::move(options));
}

Task<Result<Location>> Store::get_location(UserId user, ReadOptions options) {
  return get_location_on(core_, std::move(user), std::move(options));
}

Task<Result<bool>> Store::clear_location(UserId user, ClearLocationOptions options) {
  return clear_location_on(core_, std::move(user), std::move(options));
}

}  // namespace loopstate
