// A DAX cluster, a table for each test.
#include "dax/on_cluster.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {

std::vector<StoreEngine> store_engines() {
  return {{"DaxCluster", dax::open_suite_table}};
}

}  // namespace loopstate::testing
