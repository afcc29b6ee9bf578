// The model keeps the port's promises.
#include "port/conformance.hpp"
#include "port/model_table.hpp"

namespace loopstate::table {
namespace {

std::shared_ptr<ModelTable> initialised_model() {
  auto table = std::make_shared<ModelTable>();
  (void)Runner(1).run(table->initialise(Call{}));
  return table;
}

std::shared_ptr<Table> open_model(boost::asio::any_io_executor) {
  return initialised_model();
}

INSTANTIATE_TEST_SUITE_P(Model, PortConformance, testing::Values(Engine{"model", {}, open_model}),
                         engine_name);

/// Pages of one stored item, most of them empty: whatever works with these works with the service's.
std::shared_ptr<Table> open_short_pages(boost::asio::any_io_executor) {
  auto table = initialised_model();
  table->limit_pages(1);
  return table;
}

INSTANTIATE_TEST_SUITE_P(ShortPages, PortConformance,
                         testing::Values(Engine{"model_with_short_pages", {}, open_short_pages}),
                         engine_name);

}  // namespace
}  // namespace loopstate::table
