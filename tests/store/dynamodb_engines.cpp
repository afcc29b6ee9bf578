// DynamoDB Local, a table for each test.
#include "dynamodb/local_server.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

std::shared_ptr<table::Table> local_table(const boost::asio::any_io_executor& executor) {
  const std::string endpoint = dynamodb::local_endpoint();
  if (endpoint.empty()) {
    throw std::runtime_error("no DynamoDB Local; run by ctest, or tools/dynamodb-local run");
  }
  dynamodb::TableSettings settings;
  settings.table = dynamodb::fresh_table_name();
  auto local = dynamodb::open_local(endpoint, std::move(settings));
  const table::Call call{0, std::chrono::steady_clock::now() + std::chrono::seconds(60)};
  must(boost::asio::co_spawn(executor, local.table->initialise(call), boost::asio::use_future).get());
  return local.table;
}

}  // namespace

std::vector<StoreEngine> store_engines() {
  return {{"DynamoDbLocal", local_table}};
}

}  // namespace loopstate::testing
