// Expired items go away in bounded steps, by the callers' clock.
#include <chrono>
#include <thread>

#include "embedded/fixture.hpp"
#include "embedded/workload.hpp"

namespace loopstate::embedded {
namespace {

using table::Value;

constexpr int kItems = 500;

table::Item expiring(int number, UnixSeconds ttl) {
  return item_of("p", std::to_string(number), {{"ttl", Value::number(ttl)}});
}

void put_expiring(Opened& store, UnixSeconds ttl) {
  for (int first = 0; first < kItems; first += 25) {
    std::vector<table::Item> items;
    for (int i = first; i < first + 25; ++i) items.push_back(expiring(i, ttl));
    ASSERT_TRUE(store.runner().run(store.table().batch_put(std::move(items), store.call())));
  }
}

std::size_t stored_items(Opened& store) {
  // With a clock that stood still nothing has expired, so that what is stored shows.
  const UnixSeconds now = std::exchange(store.now, kNow);
  std::size_t out = 0;
  table::Scan scan;
  do {
    const auto page = value_or_fail(store.scan(scan));
    out += page.items.size();
    scan.cursor = page.next;
  } while (scan.cursor);
  store.now = now;
  return out;
}

void await_swept(Opened& store, std::uint64_t count) {
  while (store.counters().swept_items < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(Sweeper, ACommitTakesAFewExpiredItemsAlong) {
  const Folder folder;
  Opened store(folder.file());
  put_expiring(store, kNow + 10);
  EXPECT_EQ(stored_items(store), 500u);
  store.now = kNow + 9;
  value_or_fail(store.put(item_of("q", "early")));
  EXPECT_EQ(store.counters().swept_items, 0u);
  store.now = kNow + 10;
  value_or_fail(store.put(item_of("q", "later")));
  const auto swept = store.counters().swept_items;
  EXPECT_GT(swept, 0u);
}

TEST(Sweeper, TheRestGoesWhileNobodyWaitsInBoundedSteps) {
  const Folder folder;
  Opened store(folder.file());
  put_expiring(store, kNow + 10);
  store.now = kNow + 10;
  value_or_fail(store.put(item_of("q", "later")));
  await_swept(store, kItems);
  EXPECT_EQ(stored_items(store), 1u);
  EXPECT_LE(store.counters().largest_sweep, 128u);
  EXPECT_GE(store.counters().sweep_steps, kItems / 128u);
  store.close();
  EXPECT_EQ(workload::index_faults(folder.file()), "");
}

TEST(Sweeper, AnItemThatWasGivenMoreTimeStays) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(expiring(1, kNow + 10)));
  value_or_fail(store.put(expiring(2, kNow + 10)));
  value_or_fail(store.put(expiring(1, kNow + 100)));
  value_or_fail(store.update({{"p", "2"}, {table::Change::remove("ttl")}, {}}));
  store.now = kNow + 50;
  value_or_fail(store.put(item_of("q", "later")));
  EXPECT_TRUE(value_or_fail(store.get("p", "1")));
  EXPECT_TRUE(value_or_fail(store.get("p", "2")));
  EXPECT_EQ(store.counters().swept_items, 0u);
}

TEST(Sweeper, AnExpiredItemIsNoObstacleAndItsSuccessorStays) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(expiring(1, kNow + 10)));
  store.now = kNow + 10;
  const auto outcome = value_or_fail(store.put(expiring(1, kNow + 90), table::Condition::item_absent()));
  EXPECT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.item, std::nullopt);
  value_or_fail(store.put(item_of("q", "later")));
  EXPECT_TRUE(value_or_fail(store.get("p", "1")));
}

std::vector<table::Operation> one_put(const std::string& sk) {
  std::vector<table::Operation> out;
  out.emplace_back(table::Put{item_of("p", sk), {}});
  return out;
}

TEST(Tokens, AreRememberedAcrossOpeningsForTenMinutes) {
  const Folder folder;
  {
    Opened store(folder.file());
    EXPECT_TRUE(value_or_fail(store.transact(one_put("a"), "token")).applied);
    value_or_fail(store.erase("p", "a"));
  }
  Opened store(folder.file());
  store.now = kNow + 599;
  EXPECT_TRUE(value_or_fail(store.transact(one_put("a"), "token")).applied);
  EXPECT_EQ(value_or_fail(store.get("p", "a")), std::nullopt) << "done once only";
  const auto other = store.transact(one_put("b"), "token");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
  store.now = kNow + 600;
  EXPECT_TRUE(value_or_fail(store.transact(one_put("b"), "token")).applied);
  EXPECT_TRUE(value_or_fail(store.get("p", "b")));
}

TEST(Tokens, ThatAreOverAreForgotten) {
  const Folder folder;
  Opened store(folder.file());
  for (int i = 0; i < 10; ++i) value_or_fail(store.transact(one_put("a"), "token" + std::to_string(i)));
  EXPECT_EQ(store.counters().swept_tokens, 0u);
  store.now = kNow + 2000;
  value_or_fail(store.put(item_of("q", "later")));
  EXPECT_EQ(store.counters().swept_tokens, 10u);
}

}  // namespace
}  // namespace loopstate::embedded
