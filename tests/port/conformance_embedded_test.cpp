// The embedded engine keeps the port's promises.
#include "port/conformance.hpp"
#include "port/embedded_engine.hpp"

namespace loopstate::table {
namespace {

std::shared_ptr<Table> open_embedded(boost::asio::any_io_executor) {
  return open_fresh_embedded();
}

INSTANTIATE_TEST_SUITE_P(Embedded, PortConformance,
                         testing::Values(Engine{"embedded", {.max_key_bytes = 510}, open_embedded}),
                         engine_name);

}  // namespace
}  // namespace loopstate::table
