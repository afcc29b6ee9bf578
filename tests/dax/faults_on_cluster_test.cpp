// What goes wrong between here and a cluster.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <future>

#include "dax/cancellable.hpp"
#include "dax/cluster_fixture.hpp"
#include "times.hpp"

namespace loopstate::dax {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::string_view kAlways = R"("times":-1)";

class FaultsOnCluster : public ClusterFixture {
 protected:
  ErrorCode get_code(table::Call within = call()) {
    const auto answer = run(table->get(kKey, within));
    return answer ? ErrorCode::NotFound : answer.error().code;
  }
};

TEST_F(FaultsOnCluster, AReadWhoseConnectionBreaksIsMadeAgain) {
  for (const std::string_view kind : {"drop", "cut", "append", "garbage"}) {
    start();
    place("a");
    ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
    cluster->fault(kind, R"("call":"getItem","bytes":"a0")");
    EXPECT_EQ(run(table->get(kKey, call())).value(), item("a")) << kind;
    EXPECT_EQ(calls("getItem"), 2u) << kind;
  }
}

TEST_F(FaultsOnCluster, AReplyThatComesByteByByteIsWhole) {
  start();
  place("a");
  cluster->fault("trickle", kAlways);
  EXPECT_EQ(run(table->get(kKey, call())).value(), item("a"));
}

TEST_F(FaultsOnCluster, ACallThatFailsOneNodeIsMadeOnAnother) {
  start(3);
  place("a");
  ASSERT_EQ(run(table->get(kKey, call())).value(), item("a"));
  cluster->fault("drop", R"("node":0,"times":-1)");
  EXPECT_EQ(run(table->get(kKey, call())).value(), item("a"));
}

TEST_F(FaultsOnCluster, ANodeThatIsAwayIsNotMissed) {
  start(3);
  place("a");
  ASSERT_EQ(run(table->get(kKey, call())).value(), item("a"));
  cluster->tell("leader", R"("node":1)");
  cluster->tell("away", R"("node":0,"listed":true)");
  EXPECT_EQ(run(table->get(kKey, call())).value(), item("a"));
  EXPECT_TRUE(applied(table->put(put("b"), call()))) << "whom we take for the leader is away";
  EXPECT_EQ(stored(), item("b"));
}

TEST_F(FaultsOnCluster, AWriteThatTheBreakPreventedIsDoneOnce) {
  start();
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  cluster->fault("drop", R"("call":"putItem")");
  const auto outcome = run(table->put(put_new("a"), call()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->applied);
}

TEST_F(FaultsOnCluster, AWriteThatWasDoneBeforeTheBreakIsRefusedAndSaysThatItMayHaveBeen) {
  start();
  cluster->fault("drop", R"("call":"putItem","after":true)");
  const auto outcome = run(table->put(put_new("a"), call()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->applied);
  EXPECT_TRUE(outcome->may_have_been_applied);
  EXPECT_EQ(outcome->item, item("a"));
}

TEST_F(FaultsOnCluster, AnAnswerThatNobodyKnowsIsAskedForAgain) {
  start();
  cluster->fault("outcome_unknown", R"("call":"putItem","after":true)");
  const auto outcome = run(table->put(put_new("a"), call()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->may_have_been_applied);
}

TEST_F(FaultsOnCluster, AWriteWhoseRepliesAreAllLostIsUnknown) {
  start();
  cluster->fault("drop", R"("call":"putItem","after":true,"times":-1)");
  const auto outcome = run(table->put(put("a"), call()));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(outcome.error().retryable);
}

TEST_F(FaultsOnCluster, ATransactionIsRepeatedUnderItsToken) {
  start();
  cluster->fault("drop", R"("call":"transactWriteItems","after":true)");
  const auto outcome = run(table->transact({put_new("a")}, options.table, call()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->applied) << "the token says that it was done";
  EXPECT_EQ(calls("transactWriteItems"), 2u);
}

TEST_F(FaultsOnCluster, ATransactionIsNotRepeatedOnceItsTokenMayHaveBeenForgotten) {
  // Looked at when an attempt begins, before it goes to a node, and before its bytes go out.
  Instant instant;
  options.token.now = [&instant] {
    instant.since_boot += 4min;
    return instant;
  };
  // The first is sent again on a new connection, the other as another attempt.
  for (const std::string_view kind : {"drop", "outcome_unknown"}) {
    start();
    ASSERT_TRUE(applied(table->put(put("a"), call()))) << "after which the node need not be asked for a list";
    const auto before = table->requests_sent();
    cluster->fault(kind, R"("call":"transactWriteItems","after":true)");
    const auto outcome = run(table->transact({put("b")}, options.table, call()));
    ASSERT_FALSE(outcome.has_value()) << kind;
    EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
    EXPECT_EQ(calls("transactWriteItems"), 1u) << kind;
    EXPECT_EQ(table->requests_sent(), before + 1) << kind;
  }
}

TEST_F(FaultsOnCluster, ATransactionThatIsRefusedAfterALostReplyIsUnknown) {
  start();
  place("a");
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  cluster->fault("drop", R"("call":"transactWriteItems")");
  const auto outcome = run(table->transact({put_new("b")}, options.table, call()));
  ASSERT_FALSE(outcome.has_value()) << "whether the cluster passed its token on, nobody knows";
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
  EXPECT_EQ(calls("transactWriteItems"), 2u);
}

TEST_F(FaultsOnCluster, OneConnectionSurvivesRefusalsErrorsAndItemsThatAreNotThere) {
  start();
  place("a");
  ASSERT_TRUE(run(table->get(kKey, call())).has_value());
  cluster->reset_counts();
  for (int round = 0; round < 10; ++round) {
    for (const std::string_view kind : {"throttle", "internal", "unauthorized"}) {
      cluster->fault(kind, R"("call":"getItem")");
      ASSERT_TRUE(run(table->get({"p", "nothing"}, call())).has_value());
    }
    EXPECT_FALSE(applied(table->put(put_new("b"), call())));
  }
  EXPECT_LE(cluster->count("connections"), 1u) << "for the list of nodes, which is asked for besides";
}

TEST_F(FaultsOnCluster, AReplyThatIsNotOneToItsCallEndsTheConnection) {
  start();
  place("a");
  for (const std::string_view reply : {"8081a0", "81010000"}) {
    table = open_on_cluster(options);
    ASSERT_TRUE(run(table->get(kKey, call())).has_value());
    cluster->reset_counts();
    cluster->fault("replace", R"("call":"getItem","bytes":")" + std::string(reply) + "\"");
    EXPECT_EQ(run(table->get(kKey, call())).value(), item("a")) << reply;
    cluster->await_calls("endpoints", 1);  // a node that breaks a call makes us ask who is there
    EXPECT_EQ(cluster->count("connections"), 2u) << reply << ": one for that, and one in place of the broken";
  }
}

TEST_F(FaultsOnCluster, NodesThatComeAndGoLeaveNoDescriptors) {
  start(3);
  options.times.list_lasts = options.times.list_pause = milliseconds(0);
  options.times.probe_pause = options.times.probe_pause_max = milliseconds(0);
  table = open_on_cluster(options);
  const auto churn = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      const std::string node = R"("node":)" + std::to_string(1 + round % 2);
      cluster->tell("away", node);
      for (int at = 0; at < 5; ++at) EXPECT_TRUE(run(table->get(kKey, call())).has_value());
      cluster->tell("back", node);
      for (int at = 0; at < 5; ++at) EXPECT_TRUE(run(table->get(kKey, call())).has_value());
    }
  };
  const auto descriptors = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  churn(5);
  const auto before = descriptors();
  churn(40);
  EXPECT_LE(descriptors(), before + 6) << "a few connections for each node at most";
}

TEST_F(FaultsOnCluster, ARefusedConditionIsNotTriedAgain) {
  start();
  place("a");
  EXPECT_FALSE(applied(table->transact({put_new("b")}, options.table, call())));
  EXPECT_EQ(calls("transactWriteItems"), 1u);
}

TEST_F(FaultsOnCluster, AReadThatHangsEndsByItsDeadline) {
  start();
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  cluster->fault("hang", kAlways);
  EXPECT_EQ(get_code(call(milliseconds(200))), ErrorCode::DeadlineExceeded);
}

TEST_F(FaultsOnCluster, AWriteThatHangsIsUnknownByItsDeadline) {
  start();
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  cluster->fault("hang", kAlways);
  const auto outcome = run(table->put(put("a"), call(milliseconds(200))));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
}

TEST_F(FaultsOnCluster, AttemptsThatHangLeaveTheCallToTheNextNode) {
  start(2);
  options.attempt_timeout = milliseconds(200);
  table = open_on_cluster(options);
  place("a");
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  cluster->fault("hang", R"("node":0,"times":-1)");
  EXPECT_EQ(run(table->get(kKey, call())).value(), item("a"));
  EXPECT_EQ(cluster->count_on(1, "calls", "getItem"), 1u);
}

TEST_F(FaultsOnCluster, ADiscoveryThatHangsEndsByTheDeadline) {
  start();
  cluster->fault("hang", R"("call":"endpoints","times":-1)");
  EXPECT_EQ(get_code(call(milliseconds(200))), ErrorCode::DeadlineExceeded);
}

TEST_F(FaultsOnCluster, ACancelledReadSaysSoAndLeavesNoConnection) {
  start();
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  const int hanging = cluster->fault("hang");
  Cancellable<std::optional<table::Item>> read(runner.executor(), table->get(kKey, call()));
  cluster->await_fault(hanging);
  EXPECT_EQ(read.cancel().error().code, ErrorCode::Cancelled);
  cluster->tell("await", R"("open":0)");
}

TEST_F(FaultsOnCluster, ACancelledWriteThatWasSentIsUnknown) {
  start();
  ASSERT_TRUE(run(table->warm_up(call().deadline)).has_value());
  const int hanging = cluster->fault("hang", R"("call":"putItem")");
  Cancellable<table::WriteOutcome> write(runner.executor(), table->put(put("a"), call()));
  cluster->await_fault(hanging);
  EXPECT_EQ(write.cancel().error().code, ErrorCode::OutcomeUnknown);
  cluster->tell("await", R"("open":0)");
}

TEST_F(FaultsOnCluster, AnEventLoopThatGoesWhileCallsWaitTakesThemAlong) {
  start();
  options.attempt_timeout = milliseconds(60'000);
  for (const std::string_view what : {"getItem", "endpoints", "defineAttributeListId"}) {
    const auto other = open_on_cluster(options);
    const int hanging = cluster->fault("hang", std::string("\"call\":\"") + std::string(what) + "\"");
    {
      asio::io_context loop;
      int ended = 0;
      for (int i = 0; i < 3; ++i) {
        asio::co_spawn(loop, other->get(kKey, call()), [&](auto&&...) { ++ended; });
        asio::co_spawn(loop, other->put(put("a"), call()), [&](auto&&...) { ++ended; });
      }
      std::promise<void> hangs;
      std::thread watcher([&] {
        cluster->await_fault(hanging);
        asio::post(loop, [&] { loop.stop(); });
      });
      loop.run();
      watcher.join();
    }
    cluster->release(hanging);
    EXPECT_TRUE(run(other->get(kKey, call())).has_value()) << what << ": another loop goes on";
  }
}

TEST_F(FaultsOnCluster, ANodeThatAsksAgainWhoIsCallingIsTold) {
  start();
  ASSERT_TRUE(run(table->get(kKey, call())).has_value());
  const std::uint64_t before = calls("authorizeConnection");
  cluster->tell("deauthorize");
  EXPECT_TRUE(run(table->get(kKey, call())).has_value());
  EXPECT_EQ(calls("authorizeConnection"), before + 1);
}

TEST_F(FaultsOnCluster, AnAuthorizationThatLapsesCostsNoAttempt) {
  start();
  table = open_on_cluster(options, test_environment({{"AWS_MAX_ATTEMPTS", "1"}}));
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(run(table->get(kKey, call())).has_value());
    cluster->tell("deauthorize");
    const auto outcome = run(table->put(put("a"), call()));
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    cluster->tell("deauthorize");
  }
  // A list's number is asked for by a call of its own, within the other.
  table::Item other = item("b");
  other.attributes.set("another", table::Value("name"));
  ASSERT_TRUE(applied(table->put({other, {}}, call())));
  EXPECT_EQ(cluster->complaints(), "");
}

TEST_F(FaultsOnCluster, ANodeThatWasStartedAnewIsAskedForItsListsAgain) {
  start();
  ASSERT_TRUE(applied(table->put(put("a"), call())));
  cluster->tell("restart", R"("node":0)");
  table::Item other = item("b");
  other.attributes.set("another", table::Value("name"));
  ASSERT_TRUE(applied(table->put({other, {}}, call()))) << "takes the number that the first list had";
  EXPECT_EQ(run(table->get(kKey, call())).value(), other);
  ASSERT_TRUE(applied(table->put(put("c"), call())));
  EXPECT_EQ(stored(), item("c"));
}

TEST_F(FaultsOnCluster, WhatComesAfterAReplyIsNotTakenForTheNextOne) {
  start();
  place("a");
  for (const bool tls : {false, true}) {
    if (tls) options.endpoint = cluster->tls_endpoint();
    table = open_on_cluster(options, test_environment({{"AWS_CA_BUNDLE", cluster->authority()}}));
    ASSERT_EQ(run(table->get(kKey, call())).value(), item("a"));
    for (int round = 0; round < 5; ++round) {
      cluster->fault("append", R"("call":"getItem","bytes":"80a0","apart":true)");
      EXPECT_EQ(run(table->get(kKey, call())).value(), item("a")) << tls;
      cluster->tell("counts");  // by now all of it was sent
      EXPECT_EQ(run(table->get(kKey, call())).value(), item("a")) << tls << ": there is such an item";
    }
  }
}

TEST_F(FaultsOnCluster, WhatNobodyAskedForEndsTheConnection) {
  start();
  place("a");
  ASSERT_EQ(run(table->get(kKey, call())).value(), item("a"));
  cluster->fault("append", R"("call":"getItem","bytes":"80a0","times":-1)");
  const auto answer = run(table->get(kKey, call()));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::ProtocolError);
}

}  // namespace loopstate::dax
