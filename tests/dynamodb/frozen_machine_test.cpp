// A machine that is frozen while a transaction's reply is awaited: the connection has ended when it goes on.
#include <gtest/gtest.h>

#include <atomic>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "fault_proxy/blocking_server.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

using testing_net::BlockingServer;
using testing_net::read_message;
using testing_net::tcp;

constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

class FrozenMachine : public testing::Test {
 protected:
  std::shared_ptr<DynamoDbTable> open() {
    TableSettings settings;
    settings.table = "cards";
    settings.caller.random = [] { return 0.0; };  // nothing is waited for
    settings.caller.token.now = [this] { return Instant{frozen ? 15min : 0min, {}}; };
    http::Endpoint endpoint{false, "127.0.0.1", server.port()};
    std::shared_ptr<http::Transport> client = http::Client::create(endpoint, {}).value();
    auto sender = std::make_shared<HttpSender>(client, endpoint, make_unchecked_authorizer());
    return DynamoDbTable::create(std::move(settings), std::move(sender)).value();
  }
  static table::Call call() { return {from_unix_seconds(1'000'000), std::chrono::steady_clock::now() + 20s}; }

  /// Answers reads, and ends the connection of the first transaction when it has done it.
  void serve(tcp::socket& socket) {
    std::string buffer;
    while (const auto message = read_message(socket, buffer)) {
      if (message->head.find("TransactWriteItems") != std::string::npos && ++transactions == 1) {
        frozen = freezes.load();
        return;
      }
      boost::system::error_code ignored;
      boost::asio::write(socket, boost::asio::buffer(kReply), ignored);
    }
  }
  Result<table::TransactOutcome> transact_on_an_idle_connection() {
    const auto table = open();
    EXPECT_TRUE(runner.run(table->get({"p", "a"}, call())).has_value());
    std::vector<table::Operation> operations;
    operations.emplace_back(table::Put{table::Item{{"p", "a"}, {}}, {}});
    return runner.run(table->transact(std::move(operations), "token", call()));
  }

  std::atomic<bool> freezes = false;
  std::atomic<bool> frozen = false;
  std::atomic<int> transactions = 0;
  BlockingServer server{[this](tcp::socket& socket, int) { serve(socket); }};
  table::Runner runner{1};
};

TEST_F(FrozenMachine, ATransactionIsSentAgainWhereNoTimePassed) {
  EXPECT_TRUE(transact_on_an_idle_connection()->applied);
  EXPECT_EQ(transactions, 2);
}

TEST_F(FrozenMachine, ATransactionIsNotSentAgainAfterAQuarterOfAnHour) {
  freezes = true;
  const auto outcome = transact_on_an_idle_connection();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
  EXPECT_EQ(transactions, 1);
}

}  // namespace loopstate::dynamodb
