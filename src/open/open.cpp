#include "loopstate/open.hpp"

#include <utility>

namespace loopstate {

Result<Store> open(const Settings& settings, OpenMode mode) {
  if (auto ok = check_settings(settings.store); !ok) return std::unexpected(std::move(ok.error()));
  auto table = open_table(settings, mode);
  if (!table) return std::unexpected(std::move(table.error()));
  return Store(std::move(*table), settings.store);
}

}  // namespace loopstate
