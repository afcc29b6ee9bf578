#include <string>
#include <utility>

#include "base/try.hpp"
#include "loopstate/blocking.hpp"
#include "loopstate/store.hpp"
#include "open/open_store.hpp"
#include "open/open_table.hpp"
#include "store/rules/begin_once.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {
namespace {

Settings settings_of(std::string_view url) {
  Settings settings;
  settings.url = std::string(url);
  return settings;
}

}  // namespace

Result<Store> open_store(const Settings& settings, OpenMode mode, const Environment& environment,
                         const Clock& clock) {
  store::begin_once();
  TRY_OK(check_settings(settings.store));
  TRY(auto table, open_table(settings, mode, environment));
  return store::store_over(std::move(table), settings.store, clock);
}

Result<Store> Store::open(const Settings& settings, OpenMode mode, const Clock& clock) {
  return open_store(settings, mode, process_environment(), clock);
}

Result<Store> Store::open(std::string_view url, OpenMode mode) {
  return open(settings_of(url), mode);
}

Result<BlockingStore> BlockingStore::open(const Settings& settings, OpenMode mode, const Clock& clock) {
  TRY(auto store, Store::open(settings, mode, clock));
  return BlockingStore(std::move(store));
}

Result<BlockingStore> BlockingStore::open(std::string_view url, OpenMode mode) {
  return open(settings_of(url), mode);
}

}  // namespace loopstate
