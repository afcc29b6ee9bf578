// Ten thousand calls: what they leave behind in memory, and how many connections they take.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <fstream>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "fault_proxy/blocking_server.hpp"
#include "http/client/client.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

namespace {

constexpr std::size_t kConnectionsMax = 8;
constexpr int kInFlight = 64;

std::string reply(std::string_view status, const std::string& body) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// A table that contains its one item, and refuses every put because of it.
void serve(testing_net::tcp::socket& socket, int) {
  const std::string item =
      R"({"pk":{"S":"p"},"sk":{"S":"s"},"data":{"S":")" + std::string(1500, 'x') + R"("}})";
  const std::string found = reply("200 OK", R"({"Item":)" + item + "}");
  const std::string refused = reply(
      "400 Bad Request",
      R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"m","Item":)" +
          item + "}");
  std::string buffer;
  boost::system::error_code error;
  while (const auto request = testing_net::read_message(socket, buffer)) {
    const bool is_get = request->head.find("DynamoDB_20120810.GetItem") != std::string::npos;
    boost::asio::write(socket, boost::asio::buffer(is_get ? found : refused), error);
    if (error) return;
  }
}

std::size_t resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  return 0;
}

Task<void> call_many(std::shared_ptr<table::Table> table, int rounds, std::atomic<int>& answered) {
  for (int round = 0; round < rounds; ++round) {
    const table::Call call{from_unix_seconds(1'000'000),
                           std::chrono::steady_clock::now() + std::chrono::seconds(60)};
    table::Key key{"p", "s"};
    const auto got = co_await table->get(std::move(key), call);
    if (got && *got) ++answered;
    table::Put put{table::Item{{"p", "s"}, {}}, table::Condition::item_absent()};
    const auto refused = co_await table->put(std::move(put), call);
    if (refused && !refused->applied && refused->item) ++answered;
  }
}

class ManyCalls : public testing::Test {
 protected:
  void SetUp() override {
    http::ClientSettings settings;
    settings.connections_max = kConnectionsMax;
    const auto endpoint =
        http::parse_endpoint("http://127.0.0.1:" + std::to_string(server_.port()), "the test").value();
    client_ = http::Client::create(endpoint, settings).value();
    TableSettings table;
    table.table = "table";
    table_ = DynamoDbTable::create(
                 table, std::make_shared<HttpSender>(client_, endpoint, make_unchecked_authorizer()))
                 .value();
  }
  /// Returns how many were answered as they should be.
  int call(int calls) {
    std::atomic<int> answered = 0;
    std::vector<std::future<void>> done;
    for (int i = 0; i < kInFlight; ++i) {
      done.push_back(boost::asio::co_spawn(
          runner_.executor(), call_many(table_, calls / kInFlight / 2, answered), boost::asio::use_future));
    }
    for (auto& each : done) each.get();
    return answered;
  }

  testing_net::BlockingServer server_{serve};
  table::Runner runner_;
  std::shared_ptr<http::Client> client_;
  std::shared_ptr<DynamoDbTable> table_;
};

TEST_F(ManyCalls, OpenNoMoreConnectionsThanThePoolsBound) {
  EXPECT_EQ(call(10'112), 10'112);
  EXPECT_LE(client_->connections_opened(), kConnectionsMax);
  EXPECT_LE(server_.connections(), static_cast<int>(kConnectionsMax));
}

TEST_F(ManyCalls, LeaveMemoryAsItWas) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps what was freed";
#endif
  call(2'560);
  const std::size_t before = resident_kilobytes();
  EXPECT_EQ(call(10'112), 10'112);
  const std::size_t after = resident_kilobytes();
  RecordProperty("resident_kilobytes_before", std::to_string(before));
  RecordProperty("resident_kilobytes_after", std::to_string(after));
  // A call that left a request behind would leave 25 MB; what remains is the allocator's own.
  EXPECT_LT(after, before + 2048);
}

}  // namespace

}  // namespace loopstate::dynamodb
