#include "loopstate/pepper.hpp"

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/pepper_row.hpp"
#include "store/spine/core.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {

Timestamp now_of(const Store& store) {
  return store::StoreAccess::core(store)->clock.now();
}

Task<Result<std::optional<PepperRecord>>> read_pepper(Store store, CallOptions options) {
  const auto core = store::StoreAccess::core(store);
  auto key = store::pepper_key();
  CO_TRY(const auto row, co_await core->table->get(std::move(key), store::begin_read(*core, options)));
  std::optional<PepperRecord> pepper;
  if (row) {
    CO_TRY(pepper, store::pepper_from_row(*row));
  }
  co_return pepper;
}

Task<Result<bool>> write_pepper(Store store, std::optional<PepperRecord> before, PepperRecord next,
                                CallOptions options) {
  const auto core = store::StoreAccess::core(store);
  auto put = store::put_pepper(before, next);
  CO_TRY(const auto outcome, co_await core->table->put(std::move(put), store::begin_read(*core, options)));
  co_return outcome.applied;
}

}  // namespace loopstate
