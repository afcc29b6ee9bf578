// The port's conformance suite on DynamoDB Local, a table for each test.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "dynamodb/local_server.hpp"
#include "port/conformance.hpp"
#include "port/random_sequence.hpp"

namespace loopstate::table {

namespace {

/// The tests keep the table, and it keeps the client.
std::shared_ptr<Table> open_on_local(boost::asio::any_io_executor executor) {
  const std::string endpoint = dynamodb::local_endpoint();
  if (endpoint.empty())
    throw std::runtime_error("no DynamoDB Local; run by ctest, or tools/dynamodb-local run");
  dynamodb::TableSettings settings;
  settings.table = dynamodb::fresh_table_name();
  auto local = dynamodb::open_local(endpoint, std::move(settings));
  Call call{0, std::chrono::steady_clock::now() + std::chrono::seconds(60)};
  auto made = boost::asio::co_spawn(executor, local.table->initialise(call), boost::asio::use_future).get();
  if (!made) throw std::runtime_error(made.error().message);
  return local.table;
}

}  // namespace

// It forgets tokens by its own clock.
const Engine kLocal{"dynamodb", {.tokens_follow_the_clock = false, .random_sequences = 8}, open_on_local};

INSTANTIATE_TEST_SUITE_P(DynamoDbLocal, PortConformance, testing::Values(kLocal), engine_name);
INSTANTIATE_TEST_SUITE_P(DynamoDbLocal, RandomSequences, testing::Values(kLocal), engine_name);

}  // namespace loopstate::table
