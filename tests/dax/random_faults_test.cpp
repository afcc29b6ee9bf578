// Thousands of operations on a cluster under random faults: the table ends exactly where the acknowledged
// calls say.
#include "dax/cluster_fixture.hpp"
#include "dax/named_faults.hpp"
#include "open/dynamodb/fallback_table.hpp"
#include "port/counting_callers.hpp"

namespace loopstate::dax {

class RandomFaultsOnCluster : public ClusterFixture {
 protected:
  RandomFaultsOnCluster() {
    options.attempt_timeout = std::chrono::milliseconds(500);
    options.times.probe_pause = options.times.probe_pause_max = std::chrono::milliseconds(1);
    environment = test_environment({{"AWS_MAX_ATTEMPTS", "2"}});  // so that some calls end without knowing
  }
  void count_on(table::Table& under_faults, const table::CountingCallers::Scale& scale) {
    const auto service = open_service(options.table);
    table::CountingCallers callers(options.table, scale);
    callers.prepare(runner, *service);
    let_things_go_wrong(*cluster, 7, 0.2);
    const int unknown = callers.count(runner, under_faults);
    cluster->tell("clear");
    callers.verify(runner, *service);
    EXPECT_GT(unknown, 0) << "no fault was hard enough to be seen";
    RecordProperty("unknown_outcomes", unknown);
  }

  Environment environment;
};

TEST_F(RandomFaultsOnCluster, TheTableEndsWhereTheAcknowledgedCallsSay) {
  start(3);
  count_on(*open_on_cluster(options, environment), {.callers = 8, .operations_each = 120});
}

TEST_F(RandomFaultsOnCluster, TheTableEndsWhereTheAcknowledgedCallsSayThoughCallsFallBack) {
  start(3);
  engines::FallbackTable behind(open_on_cluster(options, environment), open_service(options.table),
                                log::Logger());
  count_on(behind, {.callers = 8, .operations_each = 120, .token_each_time = true});
}

}  // namespace loopstate::dax
