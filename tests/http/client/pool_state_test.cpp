#include "http/client/pool_state.hpp"

#include <gtest/gtest.h>

namespace loopstate::http {

using std::chrono::seconds;

class Pool : public testing::Test {
 protected:
  Instant at(seconds since_boot, seconds wall_jump = seconds(0)) const {
    return {since_boot, std::chrono::system_clock::time_point(seconds(1'000'000) + since_boot + wall_jump)};
  }
  PoolState::Answer take(WaiterId waiter, Instant now) { return pool.take(waiter, now, dropped); }
  /// Opens one connection and makes it idle.
  ConnectionId open_one(Instant now) {
    const ConnectionId id = std::get<PoolState::Open>(take(99, now)).connection;
    EXPECT_FALSE(pool.give_back(id, true, now));
    return id;
  }

  PoolState pool{PoolLimits{.connections_max = 2, .waiting_max = 2}};
  std::vector<ConnectionId> dropped;
};

TEST_F(Pool, OpensUpToItsBoundThenMakesCallsWaitThenRefuses) {
  EXPECT_TRUE(std::holds_alternative<PoolState::Open>(take(1, at(seconds(0)))));
  EXPECT_TRUE(std::holds_alternative<PoolState::Open>(take(2, at(seconds(0)))));
  EXPECT_TRUE(std::holds_alternative<PoolState::Wait>(take(3, at(seconds(0)))));
  EXPECT_TRUE(std::holds_alternative<PoolState::Wait>(take(4, at(seconds(0)))));
  EXPECT_TRUE(std::holds_alternative<PoolState::Full>(take(5, at(seconds(0)))));
}

TEST_F(Pool, UsesTheConnectionThatWasUsedLast) {
  const auto first = std::get<PoolState::Open>(take(1, at(seconds(0)))).connection;
  const auto second = std::get<PoolState::Open>(take(2, at(seconds(0)))).connection;
  pool.give_back(second, true, at(seconds(1)));
  pool.give_back(first, true, at(seconds(2)));
  EXPECT_EQ(std::get<PoolState::Use>(take(3, at(seconds(2)))).connection, first);
}

TEST_F(Pool, GivesAConnectionToWhoWaitsLongest) {
  const auto id = std::get<PoolState::Open>(take(1, at(seconds(0)))).connection;
  take(2, at(seconds(0)));
  take(3, at(seconds(0)));
  take(4, at(seconds(0)));
  const auto turn = pool.give_back(id, true, at(seconds(1)));
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->waiter, 3u);
  EXPECT_EQ(turn->connection, id);
  EXPECT_FALSE(turn->open);
}

TEST_F(Pool, AClosedConnectionsPlaceGoesToWhoWaits) {
  const auto id = std::get<PoolState::Open>(take(1, at(seconds(0)))).connection;
  take(2, at(seconds(0)));
  take(3, at(seconds(0)));
  const auto turn = pool.give_back(id, false, at(seconds(1)));
  ASSERT_TRUE(turn);
  EXPECT_TRUE(turn->open);
}

TEST_F(Pool, WhoGaveUpIsPassedOver) {
  const auto id = std::get<PoolState::Open>(take(1, at(seconds(0)))).connection;
  take(2, at(seconds(0)));
  take(3, at(seconds(0)));
  EXPECT_TRUE(pool.give_up(3));
  EXPECT_FALSE(pool.give_up(3));
  EXPECT_FALSE(pool.give_back(id, true, at(seconds(1))));
  EXPECT_EQ(pool.idle(), 1u);
}

TEST_F(Pool, DropsWhatWasIdleForOver50Seconds) {
  const ConnectionId id = open_one(at(seconds(0)));
  EXPECT_TRUE(std::holds_alternative<PoolState::Open>(take(1, at(seconds(51)))));
  EXPECT_EQ(dropped, std::vector<ConnectionId>{id});
}

TEST_F(Pool, LooksAtWhatWasIdleForOverASecond) {
  open_one(at(seconds(0)));
  EXPECT_FALSE(std::get<PoolState::Use>(take(1, at(seconds(1)))).check);
  pool.give_back(0, true, at(seconds(1)));
  EXPECT_TRUE(std::get<PoolState::Use>(take(1, at(seconds(3)))).check);
}

TEST_F(Pool, AFrozenMachinesIdleConnectionsAreDropped) {
  // The steady clock stood still, and only the wall clock knows.
  const ConnectionId id = open_one(at(seconds(0)));
  EXPECT_TRUE(std::holds_alternative<PoolState::Open>(take(1, at(seconds(1), seconds(600)))));
  EXPECT_EQ(dropped, std::vector<ConnectionId>{id});
}

TEST_F(Pool, AWallClockThatIsSetBackDropsNothing) {
  open_one(at(seconds(0)));
  EXPECT_TRUE(std::holds_alternative<PoolState::Use>(take(1, at(seconds(1), seconds(-600)))));
}

TEST_F(Pool, AFreshOneIsOpenedEvenWhereIdleOnesAre) {
  const ConnectionId id = open_one(at(seconds(0)));
  EXPECT_TRUE(std::holds_alternative<PoolState::Open>(pool.take_fresh(1, dropped)));
  EXPECT_EQ(dropped, std::vector<ConnectionId>{id});
}

}  // namespace loopstate::http
