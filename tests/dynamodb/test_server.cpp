#include "dynamodb/test_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>

namespace loopstate::dynamodb {

std::string server_endpoint() {
  if (const char* set = std::getenv("DYNAMODB_SERVER_ENDPOINT")) return set;
  std::ifstream file(LOOPSTATE_DYNAMODB_SERVER_FILE);
  std::string pid, port;
  if (!(file >> pid >> port)) return "";
  return "http://127.0.0.1:" + port;
}

std::string fresh_table_name() {
  std::random_device random;
  return fmt::format("t{:08x}{:08x}", random(), random());
}

ServerTable open_on_server(const std::string& endpoint, TableSettings settings,
                           http::ClientSettings client_settings) {
  const auto parsed = http::parse_endpoint(endpoint, "the test's endpoint");
  if (!parsed) throw std::runtime_error(parsed.error().message);
  auto client = http::Client::create(*parsed, std::move(client_settings));
  if (!client) throw std::runtime_error(client.error().message);
  ServerTable out;
  out.client = std::move(*client);
  auto sender = std::make_shared<HttpSender>(out.client, *parsed, make_unchecked_authorizer());
  auto table = DynamoDbTable::create(std::move(settings), sender);
  if (!table) throw std::runtime_error(table.error().message);
  out.table = std::move(*table);
  return out;
}

}  // namespace loopstate::dynamodb
