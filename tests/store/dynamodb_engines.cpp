// A DynamoDB server, a table for each test.
#include "dynamodb/test_server.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

std::shared_ptr<table::Table> server_table(const boost::asio::any_io_executor& executor) {
  const std::string endpoint = dynamodb::server_endpoint();
  if (endpoint.empty()) {
    throw std::runtime_error("no DynamoDB server; run by ctest, or tools/dynamodb-server run");
  }
  dynamodb::TableSettings settings;
  settings.table = dynamodb::fresh_table_name();
  auto server = dynamodb::open_on_server(endpoint, std::move(settings));
  const table::Call call{{}, std::chrono::steady_clock::now() + std::chrono::seconds(60)};
  must(boost::asio::co_spawn(executor, server.table->initialise(call), boost::asio::use_future).get());
  return server.table;
}

}  // namespace

std::vector<StoreEngine> store_engines() {
  return {{.name = "DynamoDbServer", .make = server_table, .is_server = true}};
}

}  // namespace loopstate::testing
