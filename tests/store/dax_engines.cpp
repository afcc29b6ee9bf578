// A DAX cluster, a table for each test.
#include "dax/on_cluster.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {

std::vector<StoreEngine> store_engines() {
  return {{.name = "DaxCluster", .make = dax::open_suite_table, .is_server = true}};
}

}  // namespace loopstate::testing
