// What `loopstate doctor` says about an embedded store.
#pragma once

#include <vector>

#include "embedded/environment.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

std::vector<table::Finding> diagnose_environment(Environment& environment);

}  // namespace loopstate::embedded
