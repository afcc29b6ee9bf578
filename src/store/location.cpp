// Where a user is. Events may come in any order: the row keeps the time of the newest, and an older one never
// undoes it, leaving included.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/location_row.hpp"
#include "store/write_id.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::WriteCall;
using table::Condition;
namespace attribute = store::attribute;

struct LocationWrite {
  std::string user;
  std::optional<std::string> merchant;  // none: the user leaves
  UnixSeconds time = 0;
  Condition condition;
};

struct Written {
  bool applied = false;
  std::optional<table::Item> row;  // that refused it
};

Condition not_newer_than(UnixSeconds time) {
  return Condition::compare(attribute::kEnteredAt, table::Comparison::LessOrEqual,
                            table::Value::number(time));
}

// One transaction, which also sees to it that an erased user is not brought back.
Task<Result<Written>> write_location(CorePtr core, LocationWrite location, WriteCall write) {
  std::vector<table::Operation> operations;
  operations.emplace_back(store::user_not_erased(location.user));
  // The row goes an hour after it was written, whatever the event's own time.
  const auto expires_at = write.call.now + core->settings.location_lifetime;
  operations.emplace_back(table::Put{
      store::location_row(location.user, location.merchant, location.time, expires_at, write.write_id),
      Condition::all_of(
          {std::move(location.condition),
           Condition::compare(attribute::kWriteId, table::Comparison::NotEqual, write.write_id)})});
  auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), write.call);
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  if (outcome->applied) co_return Written{true, std::nullopt};
  if (outcome->refusals.at(0).refused) co_return store::erased(location.user);
  co_return Written{false, std::move(outcome->refusals.at(1).item)};
}

bool is_own(const std::optional<table::Item>& row, const WriteCall& write) {
  const auto* id = row ? row->string(attribute::kWriteId) : nullptr;
  return id != nullptr && *id == write.write_id;
}

Result<UnixSeconds> time_of(std::optional<UnixSeconds> event_time, UnixSeconds now) {
  if (!event_time) return now;
  if (*event_time >= 0) return *event_time;
  return fail(ErrorCode::InvalidArgument,
              fmt::format("event time must not be negative, but is {}", *event_time));
}

bool is_nowhere(const std::optional<table::Item>& row) {
  return !row || !row->attributes.contains(attribute::kMerchantId);
}

// The user is there: at this merchant, where one is named.
Condition is_there(const std::optional<MerchantId>& merchant) {
  if (merchant) return Condition::equals(attribute::kMerchantId, merchant->text());
  return Condition::exists(attribute::kMerchantId);
}

}  // namespace

Task<Result<bool>> Store::set_location(UserId user, MerchantId merchant,
                                       std::optional<UnixSeconds> event_time, CallOptions options) {
  auto core = core_;
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  const auto time = time_of(event_time, write->call.now);
  if (!time) co_return std::unexpected(time.error());
  LocationWrite location;
  location.user = user.text();
  location.merchant = merchant.text();
  location.time = *time;
  location.condition = Condition::any_of({Condition::item_absent(), not_newer_than(*time)});
  auto written = co_await write_location(core, std::move(location), *write);
  if (!written) co_return std::unexpected(std::move(written.error()));
  co_return written->applied || is_own(written->row, *write);
}

Task<Result<Location>> Store::get_location(UserId user, CallOptions options) {
  auto core = core_;
  const auto call = store::begin_read(*core, options);
  auto key = store::location_key(user.text());
  auto row = co_await core->table->get(std::move(key), call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  std::optional<Location> location;
  if (*row) {
    auto read = store::location_from_row(**row);
    if (!read) co_return std::unexpected(std::move(read.error()));
    location = std::move(*read);
  }
  if (!location) co_return fail(ErrorCode::NotFound, fmt::format("user {} is at no merchant", user.text()));
  co_return std::move(*location);
}

Task<Result<bool>> Store::clear_location(UserId user, std::optional<MerchantId> merchant,
                                         std::optional<UnixSeconds> event_time, CallOptions options) {
  auto core = core_;
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  const auto time = time_of(event_time, write->call.now);
  if (!time) co_return std::unexpected(time.error());
  LocationWrite leave;
  leave.user = user.text();
  leave.time = *time;
  leave.condition = Condition::all_of({is_there(merchant), not_newer_than(*time)});
  LocationWrite keep = leave;
  keep.condition = Condition::any_of(
      {Condition::item_absent(),
       Condition::all_of({Condition::absent(attribute::kMerchantId), not_newer_than(*time)})});
  // Under an id of its own: a repetition that finds the caller's knows that it changed something.
  WriteCall keeping = *write;
  keeping.write_id = store::new_write_id(write->call.now);
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    if (auto waited = co_await store::pause_before_retry(attempt, write->call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
    auto left = co_await write_location(core, leave, *write);
    if (!left) co_return std::unexpected(std::move(left.error()));
    if (left->applied || is_own(left->row, *write)) co_return true;
    if (!is_nowhere(left->row)) co_return false;
    // The time of leaving is kept, so that an entry from before it that comes late is refused.
    auto kept = co_await write_location(core, keep, keeping);
    if (!kept) co_return std::unexpected(std::move(kept.error()));
    if (kept->applied || is_nowhere(kept->row)) co_return false;
  }
  co_return fail(ErrorCode::Unavailable,
                 fmt::format("the location of user {} kept changing under {} attempts", user.text(),
                             store::kMaxAttempts),
                 true);
}

}  // namespace loopstate
