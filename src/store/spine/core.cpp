#include "store/spine/core.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/write_id.hpp"
#include "store/spine/refusing_table.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {

namespace {

Task<Result<void>> warm_up_on(store::CorePtr core, CallOptions options) {
  const auto deadline = store::begin_read(*core, options).deadline;
  store::new_write_id(core->clock.now());  // the first random bytes initialise the generator
  co_return co_await core->table->warm_up(deadline);
}

}  // namespace

Task<Result<void>> Store::warm_up(CallOptions options) {
  return warm_up_on(core_, std::move(options));
}

Store Store::with_transaction_lifetime(std::chrono::seconds lifetime) const {
  auto settings = core_->settings;
  settings.transaction_lifetime = lifetime;
  return store::store_over(core_->table, settings, core_->clock);
}

const StoreSettings& Store::settings() const noexcept {
  return core_->settings;
}

std::uint64_t Store::requests_sent() const noexcept {
  return core_->table->requests_sent();
}

std::uint64_t Store::fallbacks() const noexcept {
  return core_->table->fallbacks();
}

std::chrono::seconds Store::clock_correction() const noexcept {
  return core_->table->clock_offset();
}

std::uint64_t Store::conflicts() const noexcept {
  return core_->conflicts.load(std::memory_order_relaxed);
}

namespace store {

Store StoreAccess::over(std::shared_ptr<table::Table> table, StoreSettings settings, const Clock& clock) {
  if (auto ok = check_settings(settings); !ok) {
    // The rules rely on settings that are in range; whatever they would do, every call is refused.
    table = std::make_shared<RefusingTable>(std::move(ok.error()));
    settings = StoreSettings{};
  }
  return Store(std::make_shared<Core>(std::move(table), settings, clock));
}

const std::shared_ptr<table::Table>& table_of(const Store& store) noexcept {
  return StoreAccess::core(store)->table;
}

namespace {

constexpr std::size_t kMaxRequestIdChars = 36;

Result<void> check_request_id(std::string_view id) {
  const bool good = !id.empty() && id.size() <= kMaxRequestIdChars && std::ranges::all_of(id, is_id_char);
  if (good) return {};
  return fail(ErrorCode::InvalidArgument, "request id must be 1 to 36 characters of A-Z a-z 0-9 - _");
}

}  // namespace

namespace {

/// A clock that the caller supplied is not corrected.
Timestamp time_of(const Core& core) {
  const bool machines = &core.clock == &system_clock();
  return core.clock.now() + (machines ? core.table->clock_offset() : std::chrono::seconds{});
}

}  // namespace

Deadline deadline_after(std::chrono::milliseconds span) {
  const auto now = std::chrono::steady_clock::now();
  if (span >= std::chrono::floor<std::chrono::milliseconds>(Deadline::max() - now)) return Deadline::max();
  return now + std::max(span, std::chrono::milliseconds(0));
}

std::optional<Deadline> deadline_of(const CallFields& options) {
  if (!options.timeout()) return options.deadline();
  const auto end = deadline_after(*options.timeout());
  return std::min(end, options.deadline().value_or(end));
}

table::Call begin_read(const Core& core, const CallFields& options) {
  const auto deadline =
      deadline_of(options).value_or(std::chrono::steady_clock::now() + core.settings.default_timeout);
  return table::Call{time_of(core), deadline};
}

table::Call begin_read(const Core& core, const ReadOptions& options) {
  auto call = begin_read(core, static_cast<const CallFields&>(options));
  if (options.accepts_stale()) call.consistency = table::Consistency::MayBeStale;
  return call;
}

Result<WriteCall> begin_write(const Core& core, const CallFields& options) {
  WriteCall write;
  write.call = begin_read(core, options);
  write.write_id = new_write_id(write.call.now);
  if (!options.request_id()) return write;
  TRY_OK(check_request_id(*options.request_id()));
  return write;
}

Task<Result<std::vector<std::optional<table::Item>>>> read_rows(CorePtr core, std::vector<table::Key> keys,
                                                                table::Call call) {
  CO_TRY(auto answers, co_await core->table->batch_get(std::move(keys), call));
  std::vector<std::optional<table::Item>> rows;
  rows.reserve(answers.size());
  for (auto& answer : answers) {
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    rows.push_back(std::move(*answer));
  }
  co_return rows;
}

std::unexpected<Error> erased(std::string_view user) {
  return fail(ErrorCode::Erased, fmt::format("user {} was erased", user));
}

table::Check user_not_erased(std::string_view user) {
  return table::Check{context_key(user), table::Condition::absent(attribute::kErasedAt)};
}

}  // namespace store
}  // namespace loopstate
