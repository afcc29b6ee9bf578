#include "loopstate/open.hpp"

#include <utility>

#include "base/try.hpp"

namespace loopstate {

Result<Store> open(const Settings& settings, OpenMode mode) {
  TRY_OK(check_settings(settings.store));
  TRY(auto table, open_table(settings, mode));
  return Store(std::move(table), settings.store);
}

}  // namespace loopstate
