// Callers that race.
#include <atomic>

#include "port/conformance.hpp"
#include "port/race.hpp"

namespace loopstate::table {
namespace {

constexpr int kThreads = 16;

/// How a race lost to another writer may be answered instead of with a refusal.
bool is_contention(const Error& error) {
  return error.retryable && (error.code == ErrorCode::Unavailable || error.code == ErrorCode::Throttled);
}

TEST_P(PortConformance, RacingIncrementsLoseNoUpdate) {
  constexpr int kIncrements = 8;
  ASSERT_TRUE(put({kKey, {{"v", n(0)}}}));
  race(kThreads, [&](int) {
    for (int done = 0; done < kIncrements;) {
      const auto seen = get(kKey);
      ASSERT_TRUE(seen && *seen);
      const std::int64_t value = *(*seen)->int64("v");
      const auto outcome = update(kKey, {Change::set("v", n(value + 1))}, Condition::equals("v", n(value)));
      ASSERT_TRUE(outcome || is_contention(outcome.error())) << outcome.error().message;
      if (!outcome) continue;
      if (outcome->applied) {
        ++done;
      } else {
        EXPECT_GT(*outcome->item->int64("v"), value);
      }
    }
  });
  EXPECT_EQ(stored(kKey).int64("v"), kThreads * kIncrements);
}

TEST_P(PortConformance, RacingAdditionsAllCount) {
  ASSERT_TRUE(put({kKey, {{"v", n(0)}}}));
  race(kThreads, [&](int) {
    for (int done = 0; done < 4;) {
      const auto outcome = update(kKey, {Change::add("v", n(1))});
      ASSERT_TRUE(outcome || is_contention(outcome.error())) << outcome.error().message;
      if (outcome) ++done;
    }
  });
  EXPECT_EQ(stored(kKey).int64("v"), kThreads * 4);
}

TEST_P(PortConformance, OfRacingCreatorsOneWins) {
  for (int round = 0; round < 5; ++round) {
    const Key key{"p", "s" + std::to_string(round)};
    std::atomic<int> winner = -1;
    std::atomic<int> winners = 0;
    race(kThreads, [&](int i) {
      const Item mine{key, {{"by", n(i)}}};
      auto outcome = put(mine, Condition::item_absent());
      while (!outcome && is_contention(outcome.error())) outcome = put(mine, Condition::item_absent());
      ASSERT_TRUE(outcome) << outcome.error().message;
      if (!outcome->applied) return;
      ++winners;
      winner = i;
    });
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(stored(key).int64("by"), winner);
  }
}

TEST_P(PortConformance, OfRacingCreatorsOverAnExpiredItemOneWins) {
  put_expired("s");
  std::atomic<int> winners = 0;
  race(kThreads, [&](int i) {
    const Item mine{kKey, {{"by", n(i)}}};
    auto outcome = put(mine, Condition::item_absent());
    while (!outcome && is_contention(outcome.error())) outcome = put(mine, Condition::item_absent());
    ASSERT_TRUE(outcome) << outcome.error().message;
    if (outcome->applied) ++winners;
  });
  EXPECT_EQ(winners, 1);
}

TEST_P(PortConformance, RacingTransactionsStayWhole) {
  constexpr int kAccounts = 4;
  constexpr int kTransfers = 6;
  const auto account = [](int i) { return Key{"account" + std::to_string(i % kAccounts), "s"}; };
  for (int i = 0; i < kAccounts; ++i) ASSERT_TRUE(put({account(i), {{"v", n(1000)}, {"writes", n(0)}}}));
  race(kThreads, [&](int thread) {
    for (int done = 0; done < kTransfers;) {
      const auto move = [](std::int64_t amount) {
        return Update{Change::add("v", n(amount)), Change::add("writes", n(1))};
      };
      const auto outcome = transact({UpdateItem{account(thread), move(-7), {}},
                                     UpdateItem{account(thread + 1 + done % 3), move(7), {}}});
      ASSERT_TRUE(outcome || is_contention(outcome.error())) << outcome.error().message;
      if (outcome && outcome->applied) ++done;
    }
  });
  std::int64_t total = 0;
  std::int64_t writes = 0;
  for (int i = 0; i < kAccounts; ++i) {
    total += *stored(account(i)).int64("v");
    writes += *stored(account(i)).int64("writes");
  }
  EXPECT_EQ(total, kAccounts * 1000);
  EXPECT_EQ(writes, 2 * kThreads * kTransfers);
}

TEST_P(PortConformance, ReadersNeverSeeHalfAnItem) {
  ASSERT_TRUE(put({kKey, {{"a", n(0)}, {"b", n(0)}}}));
  std::atomic<bool> over = false;
  race(8, [&](int i) {
    if (i < 4) {
      for (int round = 1; round <= 20; ++round) {
        const std::int64_t value = i * 1000 + round;
        const auto outcome =
            put({kKey, {{"a", n(value)}, {"b", n(value)}, {"fill", std::string(5000, 'x')}}});
        ASSERT_TRUE(outcome || is_contention(outcome.error()));
      }
      over = true;
      return;
    }
    while (!over) {
      const auto item = get(kKey);
      ASSERT_TRUE(item && *item);
      EXPECT_EQ((*item)->int64("a"), (*item)->int64("b"));
    }
  });
}

TEST_P(PortConformance, OneTokenRacedByManyCountsOnce) {
  ASSERT_TRUE(put({kKey, {{"v", n(0)}}}));
  const auto token = fresh_token();
  race(kThreads, [&](int) {
    const std::vector<Operation> operations{UpdateItem{kKey, {Change::add("v", n(1))}, {}}};
    auto outcome = transact(operations, token);
    while (!outcome && is_contention(outcome.error())) outcome = transact(operations, token);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->applied);
  });
  EXPECT_EQ(stored(kKey).int64("v"), 1);
}

}  // namespace
}  // namespace loopstate::table
