// The same callers on clusters whose memory is really old.
#include "dax/on_cluster.hpp"
#include "dax/test_cluster.hpp"
#include "store/stale_callers.hpp"

namespace loopstate::testing {
namespace {

struct Holder {
  explicit Holder(const std::string& settings) : cluster(2, settings) {}

  dax::TestCluster cluster;
  std::shared_ptr<table::Table> table;
};

/// Of two nodes. `replication`: when a write comes into their memories (tests/dax/server/cluster.py).
StoreEngine cluster_with(std::string name, const std::string& replication) {
  return {std::move(name), [replication](const auto& executor) {
            auto holder = std::make_shared<Holder>(R"("settings":{"replication":")" + replication + R"("})");
            dax::OpenOptions options;
            options.endpoint = holder->cluster.endpoint();
            options.table = dax::make_table(executor);
            holder->table = dax::open_on_cluster(std::move(options));
            auto* table = holder->table.get();
            return std::shared_ptr<table::Table>(std::move(holder), table);
          }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnACluster, CallersOnStaleReads,
                         ::testing::Values(cluster_with("ThatKeepsWhatItRead", "none"),
                                           cluster_with("WhoseReplicasLagBehind", "held")),
                         engine_name);

}  // namespace loopstate::testing
