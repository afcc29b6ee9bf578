// The port's conformance suite on a DynamoDB server, a table for each test.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "dynamodb/test_server.hpp"
#include "port/conformance.hpp"
#include "port/random_sequence.hpp"

namespace loopstate::table {

namespace {

/// The tests hold the table, and it holds the client.
std::shared_ptr<Table> open_server_table(boost::asio::any_io_executor executor) {
  const std::string endpoint = dynamodb::server_endpoint();
  if (endpoint.empty())
    throw std::runtime_error("no DynamoDB server; run by ctest, or tools/dynamodb-server run");
  dynamodb::TableSettings settings;
  settings.table = dynamodb::fresh_table_name();
  auto server = dynamodb::open_on_server(endpoint, std::move(settings));
  Call call{{}, std::chrono::steady_clock::now() + std::chrono::seconds(60)};
  auto made = boost::asio::co_spawn(executor, server.table->initialise(call), boost::asio::use_future).get();
  if (!made) throw std::runtime_error(made.error().message);
  return server.table;
}

}  // namespace

// It forgets tokens by its own clock.
const Engine kServer{
    "dynamodb", {.tokens_follow_the_clock = false, .random_sequences = 8}, open_server_table};

INSTANTIATE_TEST_SUITE_P(DynamoDbServer, PortConformance, testing::Values(kServer), engine_name);
INSTANTIATE_TEST_SUITE_P(DynamoDbServer, RandomSequences, testing::Values(kServer), engine_name);

}  // namespace loopstate::table
