// The engine on a DynamoDB server: what the conformance suite does not cover.
#include <gtest/gtest.h>

#include "dynamodb/test_server.hpp"
#include "port/runner.hpp"
#include "table/table.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Change;
using table::Condition;
using table::Item;
using table::Key;
using table::Value;

class OnServer : public testing::Test {
 protected:
  void SetUp() override {
    if (server_endpoint().empty())
      GTEST_SKIP() << "no DynamoDB server; run by ctest, or tools/dynamodb-server run";
    settings_.table = fresh_table_name();
    server_ = open_on_server(server_endpoint(), settings_);
    const auto made = runner_.run(server_.table->initialise(call()));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->created);
  }

  static Call call() { return {1'000'000, std::chrono::steady_clock::now() + std::chrono::seconds(10)}; }
  table::Table& table() { return *server_.table; }

  TableSettings settings_;
  ServerTable server_;
  table::Runner runner_;
};

TEST_F(OnServer, InitialisingASecondTimeDoesNothing) {
  const auto again = runner_.run(table().initialise(call()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->created);
}

TEST_F(OnServer, AnItemComesBackAsItWasPut) {
  const Item item{{"USER#u", "CONTEXT"},
                  {{"context_data", "{\"a\":\"\\u00e9\"}"},
                   {"version", Value::number(std::int64_t{7})},
                   {"flag", Value::boolean(true)},
                   {"none", table::Null{}},
                   {"bytes", table::Binary{std::string("\0\xff", 2)}},
                   {"names", table::StringSet{{"b", "a"}}},
                   {"numbers", table::NumberSet{{{"10"}, {"9"}}}},
                   {"list", table::List{"x", Value::number(std::int64_t{-1})}},
                   {"map", table::Map{{"k", table::List{}}}}}};
  const auto put = runner_.run(table().put({item, {}}, call()));
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(put->applied);
  const auto got = runner_.run(table().get(item.key, call()));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_TRUE(*got);
  EXPECT_EQ(**got, item);
}

TEST_F(OnServer, DiagnoseFindsNothingWrong) {
  for (const auto& finding : runner_.run(table().diagnose(call()))) {
    EXPECT_EQ(finding.level, table::Finding::Level::Good) << finding.subject << ": " << finding.detail;
  }
}

}  // namespace loopstate::dynamodb
