// Whether the store takes writes, by making one.

#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/core.hpp"

namespace loopstate {
namespace {

constexpr std::chrono::seconds kHealthRowLifetime = std::chrono::days(1);

Task<Result<void>> check_writable_on(store::CorePtr core, CallOptions options) {
  const auto call = store::begin_read(*core, options);
  table::Item row;
  row.key = store::health_key();
  row.attributes.set("written_at", table::Value::time(call.now));
  row.attributes.set(std::string(store::attribute::kTtl), table::Value::time(call.now + kHealthRowLifetime));
  table::Put put{std::move(row), {}};
  CO_TRY([[maybe_unused]] const auto outcome, co_await core->table->put(std::move(put), call));
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> Store::check_writable(CallOptions options) {
  return check_writable_on(core_, std::move(options));
}

}  // namespace loopstate
