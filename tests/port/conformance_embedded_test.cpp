// The embedded engine keeps the port's promises.
#include "port/conformance.hpp"
#include "port/embedded_engine.hpp"
#include "port/random_sequence.hpp"

namespace loopstate::table {
namespace {

std::shared_ptr<Table> open_embedded(boost::asio::any_io_executor) {
  return open_fresh_embedded();
}

const Engine kEmbedded{"embedded", {.max_key_bytes = 510}, open_embedded};

INSTANTIATE_TEST_SUITE_P(Embedded, PortConformance, testing::Values(kEmbedded), engine_name);
INSTANTIATE_TEST_SUITE_P(Embedded, RandomSequences, testing::Values(kEmbedded), engine_name);

}  // namespace
}  // namespace loopstate::table
