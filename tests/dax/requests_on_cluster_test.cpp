// What a cluster is asked, and which node.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "dax/cluster_fixture.hpp"

namespace loopstate::dax {

using testing::ElementsAre;

class RequestsOnCluster : public ClusterFixture {
 protected:
  /// This many at once; fails unless all are answered.
  template <typename MakeCall>
  void many(int count, MakeCall make_call) {
    std::vector<std::future<decltype(runner.run(make_call(0)))>> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(boost::asio::co_spawn(runner.executor(), make_call(i), boost::asio::use_future));
    }
    for (auto& each : all) {
      const auto answer = each.get();
      EXPECT_TRUE(answer.has_value()) << answer.error().message;
    }
  }
  static table::Item numbered(int number) {
    table::Item out = item("v");
    out.key.sk = std::to_string(number);
    return out;
  }
};

TEST_F(RequestsOnCluster, AWarmGetIsOneRequest) {
  start();
  place("a");
  ASSERT_EQ(run(table->get(kKey, call())).value(), item("a"));
  cluster->reset_counts();
  EXPECT_EQ(run(table->get(kKey, call())).value(), item("a"));
  EXPECT_EQ(cluster->count("calls"), 1u);
}

TEST_F(RequestsOnCluster, AReadThatMayBeStaleIsAnsweredFromTheNodesMemory) {
  start();
  ASSERT_TRUE(applied(table->put(put("a"), call())));
  place("b");  // past the cluster
  auto stale = call();
  stale.consistency = table::Consistency::MayBeStale;
  cluster->reset_counts();
  EXPECT_EQ(run(table->get(kKey, stale)).value(), item("a"));
  EXPECT_EQ(run(table->batch_get({kKey}, stale)).value().at(0).value(), item("a"));
  EXPECT_EQ(cluster->count("dynamodb"), 0u);
  EXPECT_EQ(run(table->get(kKey, call())).value(), item("b"));
}

TEST_F(RequestsOnCluster, WhatRefusedAWriteIsReadFromTheTableHoweverStaleTheCallsReadsMayBe) {
  start();
  ASSERT_TRUE(applied(table->put(put("a"), call())));
  place("b");
  auto stale = call();
  stale.consistency = table::Consistency::MayBeStale;
  const auto refused = run(table->put(put_new("c"), stale));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->item, item("b"));
}

TEST_F(RequestsOnCluster, AWarmPutIsOneRequest) {
  start();
  ASSERT_TRUE(applied(table->put(put("a"), call())));
  cluster->reset_counts();
  EXPECT_TRUE(applied(table->put(put("b"), call())));
  EXPECT_EQ(cluster->count("calls"), 1u);
}

TEST_F(RequestsOnCluster, TheFirstCallsTogetherAskOnceForNodesAndKeys) {
  start();
  many(20, [&](int) { return table->get(kKey, call()); });
  EXPECT_EQ(calls("endpoints"), 1u);
  EXPECT_EQ(calls("defineKeySchema"), 1u);
}

TEST_F(RequestsOnCluster, TheNumberOfAListIsAskedForOnce) {
  start();
  many(20, [&](int number) { return table->put({numbered(number), {}}, call()); });
  EXPECT_EQ(calls("defineAttributeListId"), 1u);
  EXPECT_EQ(calls("putItem"), 20u);
}

TEST_F(RequestsOnCluster, TheNamesOfAListAreAskedForOnce) {
  start();
  ASSERT_TRUE(applied(table->put(put("a"), call())));
  const auto other = open_on_cluster(options);
  cluster->reset_counts();
  many(20, [&](int) { return other->get(kKey, call()); });
  EXPECT_EQ(calls("defineAttributeList"), 1u);
}

TEST_F(RequestsOnCluster, AnItemWithNothingButItsKeyNeedsNoList) {
  start();
  ASSERT_TRUE(applied(table->put({table::Item{kKey, {}}, {}}, call())));
  EXPECT_EQ(run(table->get(kKey, call())).value(), (table::Item{kKey, {}}));
  EXPECT_EQ(calls("defineAttributeListId"), 0u);
  EXPECT_EQ(calls("defineAttributeList"), 0u);
}

TEST_F(RequestsOnCluster, WritesGoToTheLeaderAndReadsAnywhere) {
  start(3);
  double chance = 0;
  options.random = [&chance] { return chance; };
  const auto spread = open_on_cluster(options);
  for (const double each : {0.0, 0.4, 0.9}) {
    chance = each;
    EXPECT_TRUE(applied(spread->put(put("a"), call())));
    EXPECT_TRUE(run(spread->get(kKey, call())).has_value());
  }
  std::vector<std::uint64_t> puts, gets;
  for (std::size_t node = 0; node < 3; ++node) {
    puts.push_back(cluster->count_on(node, "calls", "putItem"));
    gets.push_back(cluster->count_on(node, "calls", "getItem"));
  }
  EXPECT_THAT(puts, ElementsAre(3u, 0u, 0u));
  EXPECT_THAT(gets, ElementsAre(1u, 1u, 1u));
}

TEST_F(RequestsOnCluster, ARefusedWriteIsFollowedByAReadOfWhatRefusedIt) {
  start();
  place("a");
  const auto refused = run(table->put(put_new("b"), call()));
  ASSERT_TRUE(refused.has_value());
  EXPECT_FALSE(refused->applied);
  EXPECT_FALSE(refused->may_have_been_applied);
  EXPECT_EQ(refused->item, item("a"));
  EXPECT_EQ(calls("putItem"), 1u);
  EXPECT_EQ(calls("getItem"), 1u);
}

TEST_F(RequestsOnCluster, AWriteThatTheItemThereWouldNotRefuseIsMadeAgain) {
  start();
  place("a");
  const int hanging = cluster->fault("hang", R"("call":"getItem")");
  auto outcome =
      boost::asio::co_spawn(runner.executor(), table->put(put_new("b"), call()), boost::asio::use_future);
  cluster->await_fault(hanging);
  table::Runner other(1);
  ASSERT_TRUE(other.run(open_service(options.table)->erase({kKey, {}}, call()))->applied);
  cluster->release(hanging);
  const auto done = outcome.get();
  ASSERT_TRUE(done.has_value());
  EXPECT_TRUE(done->applied);
  EXPECT_EQ(stored(), item("b"));
}

TEST_F(RequestsOnCluster, AScanReadsTheTablePageByPage) {
  start();
  for (int number = 0; number < 5; ++number) {
    ASSERT_TRUE(applied(table->put({numbered(number), {}}, call())));
  }
  table::Scan scan;
  scan.limit = 2;
  std::size_t items = 0;
  do {
    const table::Page page = run(table->scan(scan, call())).value();
    items += page.items.size();
    scan.cursor = page.next;
  } while (scan.cursor);
  EXPECT_EQ(items, 5u);
}

TEST_F(RequestsOnCluster, TheClusterMakesNoTables) {
  start();
  EXPECT_EQ(run(table->initialise(call())).error().code, ErrorCode::Unsupported);
}

TEST_F(RequestsOnCluster, NothingWasWrongWithAnyOfIt) {
  start(2);
  table::Update change = {table::Change::set("more", table::Value("x"))};
  ASSERT_TRUE(applied(table->put(put("a"), call())));
  ASSERT_TRUE(applied(table->update({kKey, change, {}}, call())));
  ASSERT_TRUE(run(table->batch_put({numbered(1), numbered(2)}, call())).has_value());
  ASSERT_TRUE(run(table->batch_get({kKey, numbered(1).key}, call())).has_value());
  ASSERT_TRUE(
      applied(table->transact({table::Check{kKey, table::Condition::item_exists()}}, options.table, call())));
  ASSERT_TRUE(applied(table->erase({kKey, {}}, call())));
  EXPECT_EQ(cluster->complaints(), "");
}

}  // namespace loopstate::dax
