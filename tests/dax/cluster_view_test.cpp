#include "dax/cluster_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/address.hpp>
#include <set>

namespace loopstate::dax {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

NodeAddress node(int number) {
  return {boost::asio::ip::make_address("10.0.0." + std::to_string(number)), 8111};
}

const ClusterNode kLeader{node(1), true};
const ClusterNode kReplica{node(2), false};
const ClusterNode kOther{node(3), false};
const std::vector<ClusterNode> kThree = {kLeader, kReplica, kOther};

}  // namespace

class ClusterViewTest : public testing::Test {
 protected:
  ClusterViewTest() { view.learned(kThree, now); }

  /// Every node that some random number leads to.
  std::set<NodeAddress> routes(Purpose purpose, std::vector<NodeAddress> tried = {}) const {
    std::set<NodeAddress> out;
    for (int i = 0; i <= 100; ++i) {
      if (const auto to = view.route(purpose, tried, i / 100.0)) out.insert(*to);
    }
    return out;
  }
  void put_out(const NodeAddress& address) { view.failed(address, NodeFailure::Unreachable, now); }

  Deadline now{seconds(1'000)};
  ClusterView view;
};

TEST_F(ClusterViewTest, AReadGoesToAnyNodeTheLeaderIncluded) {
  EXPECT_THAT(routes(Purpose::Read), ElementsAre(node(1), node(2), node(3)));
}

TEST_F(ClusterViewTest, AWriteGoesToTheLeader) {
  EXPECT_THAT(routes(Purpose::Write), ElementsAre(node(1)));
}

TEST_F(ClusterViewTest, AWriteGoesToAReplicaWhereNoLeaderIsUp) {
  put_out(node(1));
  EXPECT_THAT(routes(Purpose::Write), ElementsAre(node(2), node(3)));
}

TEST_F(ClusterViewTest, TheNextTryOfACallGoesToAnotherNode) {
  EXPECT_THAT(routes(Purpose::Read, {node(2)}), ElementsAre(node(1), node(3)));
  EXPECT_THAT(routes(Purpose::Write, {node(1)}), ElementsAre(node(2), node(3)));
}

TEST_F(ClusterViewTest, ANodeThatFailedTheCallGetsItAgainWhereThereIsNoOther) {
  EXPECT_THAT(routes(Purpose::Read, {node(1), node(2), node(3)}), ElementsAre(node(1), node(2), node(3)));
  EXPECT_THAT(routes(Purpose::Write, {node(1), node(2), node(3)}), ElementsAre(node(1)));
}

TEST_F(ClusterViewTest, ANodeThatCantBeReachedIsOutAtOnce) {
  put_out(node(2));
  EXPECT_THAT(routes(Purpose::Read), ElementsAre(node(1), node(3)));
}

TEST_F(ClusterViewTest, ANodeThatDoesNotAnswerInTimeIsOutAtOnce) {
  view.failed(node(2), NodeFailure::Silent, now);
  EXPECT_THAT(routes(Purpose::Read), ElementsAre(node(1), node(3)));
}

TEST_F(ClusterViewTest, ANodeIsOutAfterFiveBrokenCallsInARow) {
  for (int i = 0; i < 4; ++i) view.failed(node(2), NodeFailure::Broken, now);
  EXPECT_EQ(view.up(), 3u);
  view.failed(node(2), NodeFailure::Broken, now);
  EXPECT_EQ(view.up(), 2u);
}

TEST_F(ClusterViewTest, AnAnswerBetweenBrokenCallsClearsThem) {
  for (int i = 0; i < 4; ++i) view.failed(node(2), NodeFailure::Broken, now);
  view.answered(node(2));
  for (int i = 0; i < 4; ++i) view.failed(node(2), NodeFailure::Broken, now);
  EXPECT_EQ(view.up(), 3u);
}

TEST_F(ClusterViewTest, WithAllNodesOutThereIsNoRoute) {
  for (const ClusterNode& each : kThree) put_out(each.address);
  EXPECT_EQ(view.route(Purpose::Read, {}, 0), std::nullopt);
  EXPECT_EQ(view.route(Purpose::Write, {}, 0), std::nullopt);
}

TEST_F(ClusterViewTest, ANodeThatIsOutIsProbedOnceAfterItsPause) {
  put_out(node(2));
  EXPECT_THAT(view.due(now + milliseconds(499)).probes, IsEmpty());
  EXPECT_THAT(view.due(now + milliseconds(500)).probes, ElementsAre(node(2)));
  EXPECT_THAT(view.due(now + milliseconds(500)).probes, IsEmpty());
}

TEST_F(ClusterViewTest, TheNextProbeOfANodeThatStaysAwayWaitsTwiceAsLongUpToABound) {
  put_out(node(2));
  for (const int pause_ms : {500, 1'000, 2'000, 4'000, 5'000, 5'000}) {
    EXPECT_THAT(view.due(now + milliseconds(pause_ms - 1)).probes, IsEmpty());
    now += milliseconds(pause_ms);
    EXPECT_THAT(view.due(now).probes, ElementsAre(node(2)));
    view.failed(node(2), NodeFailure::Unreachable, now);
  }
}

TEST_F(ClusterViewTest, AProbeThatNeverEndedIsMadeAgain) {
  put_out(node(2));
  EXPECT_THAT(view.due(now + milliseconds(500)).probes, ElementsAre(node(2)));
  EXPECT_THAT(view.due(now + milliseconds(5'499)).probes, IsEmpty());
  EXPECT_THAT(view.due(now + milliseconds(5'500)).probes, ElementsAre(node(2)));
}

TEST_F(ClusterViewTest, CallsThatFailTogetherCountAsOneFailureOfTheNode) {
  for (int i = 0; i < 20; ++i) put_out(node(2));
  EXPECT_THAT(view.due(now + milliseconds(500)).probes, ElementsAre(node(2)));
}

TEST_F(ClusterViewTest, AnAnswerToAProbeBringsANodeBack) {
  put_out(node(2));
  view.answered(node(2));
  EXPECT_THAT(routes(Purpose::Read), ElementsAre(node(1), node(2), node(3)));
  EXPECT_THAT(view.due(now + seconds(1)).probes, IsEmpty());
}

TEST_F(ClusterViewTest, TheListIsAskedForWhenItIsFourSecondsOld) {
  EXPECT_FALSE(view.due(now + milliseconds(3'999)).list);
  EXPECT_TRUE(view.due(now + milliseconds(4'000)).list);
  EXPECT_FALSE(view.due(now + milliseconds(4'001)).list) << "somebody is asking already";
}

TEST_F(ClusterViewTest, AnAskingThatNeverEndedIsMadeAgain) {
  EXPECT_TRUE(view.due(now + seconds(4)).list);
  EXPECT_TRUE(view.due(now + seconds(9)).list);
}

TEST_F(ClusterViewTest, ANodeThatGoesOutMakesTheListDue) {
  put_out(node(2));
  EXPECT_TRUE(view.due(now + milliseconds(125)).list);
}

TEST_F(ClusterViewTest, DoubtsTogetherMakeOneAsking) {
  view.doubt(now);
  EXPECT_TRUE(view.due(now).list);
  view.doubt(now);
  EXPECT_FALSE(view.due(now + milliseconds(124)).list);
}

TEST_F(ClusterViewTest, AnAskingInVainIsMadeAgainAfterAPauseThatGrows) {
  view.not_learned(now);
  EXPECT_TRUE(view.pausing(now + milliseconds(499)));
  EXPECT_FALSE(view.due(now + milliseconds(499)).list);
  EXPECT_TRUE(view.due(now + milliseconds(500)).list);
  view.not_learned(now);
  EXPECT_FALSE(view.due(now + milliseconds(999)).list);
  EXPECT_TRUE(view.due(now + milliseconds(1'000)).list);
}

TEST_F(ClusterViewTest, ANewListReplacesTheOldOne) {
  const std::vector<ClusterNode> next = {{node(2), true}, {node(4), false}};
  view.learned(next, now);
  EXPECT_EQ(view.nodes(), next);
  EXPECT_THAT(routes(Purpose::Write), ElementsAre(node(2)));
  EXPECT_THAT(routes(Purpose::Read), ElementsAre(node(2), node(4)));
}

TEST_F(ClusterViewTest, ANewListDoesNotBringANodeBack) {
  put_out(node(2));
  view.learned(kThree, now);
  EXPECT_THAT(routes(Purpose::Read), ElementsAre(node(1), node(3)));
}

TEST_F(ClusterViewTest, AnEmptyListIsNone) {
  view.learned({}, now);
  EXPECT_EQ(view.nodes(), kThree);
  EXPECT_TRUE(view.pausing(now));
}

TEST_F(ClusterViewTest, WhatIsSaidOfANodeThatIsGoneIsForgotten) {
  view.learned(std::vector<ClusterNode>{kLeader}, now);
  put_out(node(2));
  view.answered(node(2));
  EXPECT_EQ(view.nodes(), std::vector<ClusterNode>{kLeader});
}

TEST_F(ClusterViewTest, BeforeAnyListThereIsNoRouteAndTheListIsDue) {
  ClusterView fresh;
  EXPECT_FALSE(fresh.known());
  EXPECT_FALSE(fresh.pausing(now));
  EXPECT_EQ(fresh.route(Purpose::Read, {}, 0), std::nullopt);
  EXPECT_TRUE(fresh.due(now).list);
}

}  // namespace loopstate::dax
