#include "dax/on_cluster.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <utility>

#include "dax/open_dax.hpp"
#include "dax/test_cluster.hpp"
#include "dynamodb/test_server.hpp"
#include "open/dynamodb/fallback_table.hpp"

namespace loopstate::dax {

std::shared_ptr<table::Table> open_service(const std::string& table) {
  const std::string endpoint = dynamodb::server_endpoint();
  if (endpoint.empty()) throw std::runtime_error("no DynamoDB server; run by ctest, or tools/dax-server run");
  dynamodb::TableSettings settings;
  settings.table = table;
  return dynamodb::open_on_server(endpoint, std::move(settings)).table;
}

std::string make_table(const boost::asio::any_io_executor& executor) {
  std::string name = dynamodb::fresh_table_name();
  const table::Call call{{}, std::chrono::steady_clock::now() + std::chrono::seconds(60)};
  const auto service = open_service(name);
  auto made = boost::asio::co_spawn(executor, service->initialise(call), boost::asio::use_future).get();
  if (!made) throw std::runtime_error(made.error().message);
  return name;
}

std::shared_ptr<table::Table> open_suite_table(const boost::asio::any_io_executor& executor) {
  OpenOptions options;
  options.endpoint = server_endpoint();
  options.table = make_table(executor);
  auto service = open_service(options.table);
  auto log = log::Logger::to_sink({}, [](log::Level, std::string_view line) { ADD_FAILURE() << line; });
  return std::make_shared<engines::FallbackTable>(open_on_cluster(std::move(options)), std::move(service),
                                                  std::move(log));
}

Environment test_environment(std::map<std::string, std::string> more) {
  std::map<std::string, std::string> all = {{"AWS_ACCESS_KEY_ID", std::string(kTestKeyId)},
                                            {"AWS_SECRET_ACCESS_KEY", std::string(kTestSecret)},
                                            {"AWS_REGION", "us-east-1"},
                                            {"AWS_CONFIG_FILE", "/dev/null"},
                                            {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"}};
  for (auto& [name, value] : more) all[name] = value;
  return [all = std::move(all)](std::string_view name) -> std::optional<std::string> {
    const auto at = all.find(std::string(name));
    return at == all.end() ? std::nullopt : std::optional(at->second);
  };
}

std::shared_ptr<table::Table> open_on_cluster(OpenOptions options, const Environment& environment) {
  if (options.endpoint.empty())
    throw std::runtime_error("no DAX server; run by ctest, or tools/dax-server run");
  auto opened = open_dax(std::move(options), environment);
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::move(*opened);
}

}  // namespace loopstate::dax
