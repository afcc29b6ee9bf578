// A test's own table on the tests' DynamoDB server.
#pragma once

#include <gtest/gtest.h>

#include "dynamodb/test_server.hpp"
#include "port/runner.hpp"
#include "table/table.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

/// Skips the test if there is no server. A suite that needs other settings makes them in its constructor.
class OnServer : public testing::Test {
 protected:
  explicit OnServer(int threads = 2) : runner_(threads) { settings_.table = fresh_table_name(); }

  void SetUp() override {
    if (server_endpoint().empty())
      GTEST_SKIP() << "no DynamoDB server; run by ctest, or tools/dynamodb-server run";
    server_ = open_on_server(server_endpoint(), settings_);
    const auto made = run(server_.table->initialise(call(std::chrono::seconds(30))));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->created);
  }

  template <typename T>
  T run(Task<T> task) {
    return runner_.run(std::move(task));
  }
  static table::Call call(std::chrono::milliseconds time = std::chrono::seconds(20)) {
    return {from_unix_seconds(1'000'000), std::chrono::steady_clock::now() + time};
  }

  TableSettings settings_;
  table::Runner runner_;
  ServerTable server_;  ///< nothing between it and the server
};

}  // namespace loopstate::dynamodb
