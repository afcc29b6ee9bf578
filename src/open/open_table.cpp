#include "open/open_table.hpp"

#include <utility>

#include "base/try.hpp"
#include "open/engine.hpp"

namespace loopstate {

Result<std::shared_ptr<table::Table>> open_table(const Settings& settings, OpenMode mode,
                                                 const Environment& environment) {
  TRY(auto found, engines::find_engine(settings.url));
  return found.engine.open(std::move(found.place), settings, mode, environment);
}

}  // namespace loopstate
