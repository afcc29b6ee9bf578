// The engine on a DynamoDB server: what the conformance suite does not cover.
#include "dynamodb/on_server.hpp"

namespace loopstate::dynamodb {

using table::Item;
using table::Value;

TEST_F(OnServer, InitialisingASecondTimeDoesNothing) {
  const auto again = run(server_.table->initialise(call()));
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
  const auto put = run(server_.table->put({item, {}}, call()));
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(put->applied);
  const auto got = run(server_.table->get(item.key, call()));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_TRUE(*got);
  EXPECT_EQ(**got, item);
}

TEST_F(OnServer, AScanWithAPrefixSaysWhatItWasChargedForIncludingWhatItPassedOver) {
  for (int i = 0; i < 20; ++i) {
    const Item item{{"CARD#" + std::to_string(i), "META"}, {{"padding", std::string(4000, 'x')}}};
    ASSERT_TRUE(run(server_.table->put({item, {}}, call())));
  }
  table::Scan scan;
  scan.pk_prefix = "USER#";
  auto page = run(server_.table->scan(scan, call()));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->items.empty());
  EXPECT_EQ(page->examined, 20u);
  EXPECT_GE(page->read_units, 19.0);
  EXPECT_LE(page->read_units, 21.0);
  auto stale = call();
  stale.consistency = table::Consistency::MayBeStale;
  const auto cheaper = run(server_.table->scan(scan, stale));
  ASSERT_TRUE(cheaper);
  EXPECT_LT(cheaper->read_units, page->read_units);
}

TEST_F(OnServer, DiagnoseFindsNothingWrong) {
  for (const auto& finding : run(server_.table->diagnose(call()))) {
    EXPECT_EQ(finding.level, table::Finding::Level::Good) << finding.subject << ": " << finding.detail;
  }
}

}  // namespace loopstate::dynamodb
