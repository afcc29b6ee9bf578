// The port's conformance suite through a DAX cluster, one table per test.
#include "port/conformance.hpp"
#include "dax/on_cluster.hpp"
#include "port/random_sequence.hpp"

namespace loopstate::table {

// The DynamoDB behind it forgets tokens by its own clock.
const Engine kCluster{
    "dax", {.tokens_follow_the_clock = false, .random_sequences = 4}, dax::open_suite_table};

INSTANTIATE_TEST_SUITE_P(DaxCluster, PortConformance, testing::Values(kCluster), engine_name);
INSTANTIATE_TEST_SUITE_P(DaxCluster, RandomSequences, testing::Values(kCluster), engine_name);

}  // namespace loopstate::table
