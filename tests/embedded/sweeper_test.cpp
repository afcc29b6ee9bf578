// What has expired is removed a week later, in bounded steps, by time that is known to have passed, whatever
// one process's clock says.
#include <atomic>
#include <chrono>
#include <thread>

#include "crypto/hash.hpp"
#include "embedded/fixture.hpp"
#include "embedded/watermark.hpp"
#include "embedded/workload.hpp"
#include "embedded/write_request.hpp"

namespace loopstate::embedded {
namespace {

using table::Value;

constexpr int kItems = 500;
constexpr std::chrono::seconds kDay = 24h;
constexpr std::chrono::seconds kWeek = 7 * kDay;

/// A store with a clock that nobody but the test can set.
class Swept {
 public:
  explicit Swept(const std::string& path, Timestamp now = kNow) : store(options_for(path, passed_)) {
    store.now = now;
  }

  /// Both clocks advance, and something is written.
  void write_after(std::chrono::seconds time) {
    store.now += time;
    *passed_ = passed_->load() + time;
    value_or_fail(store.put(item_of("q", "written")));
  }
  /// The clocks have agreed for long enough that the watermark is the present.
  void trust_the_clock() {
    write_after(0s);
    write_after(30h);
  }

 private:
  using Passed = std::shared_ptr<std::atomic<std::chrono::seconds>>;
  static EmbeddedOptions options_for(const std::string& path, Passed passed) {
    EmbeddedOptions out = Opened::options_for(path);
    out.passed = [passed = std::move(passed)] { return passed->load(); };
    return out;
  }

  Passed passed_ = std::make_shared<std::atomic<std::chrono::seconds>>(1000s);

 public:
  Opened store;
};

table::Item expiring(int number, Timestamp ttl) {
  return item_of("p", std::to_string(number), {{"ttl", Value::time(ttl)}});
}

void put_expiring(Opened& store, Timestamp ttl) {
  for (int first = 0; first < kItems; first += 25) {
    std::vector<table::Item> items;
    for (int i = first; i < first + 25; ++i) items.push_back(expiring(i, ttl));
    ASSERT_TRUE(store.runner().run(store.table().batch_put(std::move(items), store.call())));
  }
}

std::size_t stored_items(Opened& store) {
  // With a clock that stood still nothing has expired, so everything stored shows.
  const Timestamp now = std::exchange(store.now, kNow);
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

/// Whether that many are removed. The bound is only reached if the sweeper has stopped.
bool await_swept(Opened& store, std::uint64_t count) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (store.counters().swept_items < count) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

TEST(Sweeper, ACommitTakesAFewItemsAlongThatExpiredAWeekAgo) {
  const Folder folder;
  Swept swept(folder.file());
  swept.trust_the_clock();
  Opened& store = swept.store;
  put_expiring(store, store.now + 10s);
  EXPECT_EQ(stored_items(store), 501u);
  swept.write_after(kWeek + 9s);
  EXPECT_EQ(store.counters().swept_items, 0u);
  swept.write_after(60s);
  EXPECT_GT(store.counters().swept_items, 0u);
}

TEST(Sweeper, TheRestGoesWhileNobodyWaitsInBoundedSteps) {
  const Folder folder;
  Swept swept(folder.file());
  swept.trust_the_clock();
  Opened& store = swept.store;
  put_expiring(store, store.now + 10s);
  swept.write_after(kWeek + 70s);
  ASSERT_TRUE(await_swept(store, kItems)) << store.counters().swept_items << " of them went";
  EXPECT_EQ(stored_items(store), 1u);
  EXPECT_LE(store.counters().largest_sweep, 128u);
  EXPECT_GE(store.counters().sweep_steps, kItems / 128u);
  store.close();
  EXPECT_EQ(workload::index_faults(folder.file()), "");
}

TEST(Sweeper, ACommandWithAClockFarAheadRemovesNothing) {
  const Folder folder;
  {
    Swept agent(folder.file());
    agent.trust_the_clock();
    value_or_fail(agent.store.put(expiring(1, agent.store.now + 30 * kDay)));
  }
  {
    Swept command(folder.file(), kNow + 400 * kDay);
    command.write_after(0s);
    EXPECT_EQ(command.store.counters().swept_items, 0u);
  }
  Opened right(folder.file());
  EXPECT_TRUE(value_or_fail(right.get("p", "1")));
}

TEST(Sweeper, AnHourWithAClockFarAheadRemovesNothing) {
  const Folder folder;
  {
    Swept agent(folder.file());
    agent.trust_the_clock();
    value_or_fail(agent.store.put(expiring(1, agent.store.now + 3600s)));
    value_or_fail(agent.store.transact({table::Put{item_of("p", "a"), {}}}, "token"));
  }
  Swept wrong(folder.file(), kNow + 400 * kDay);
  for (int minute = 0; minute < 60; ++minute) wrong.write_after(60s);
  EXPECT_EQ(wrong.store.counters().swept_items, 0u);
  EXPECT_EQ(wrong.store.counters().swept_tokens, 0u);
}

TEST(Sweeper, WhatIsReadInWithAWrongClockIntoANewFileStays) {
  const Folder folder;
  Swept import(folder.file(), kNow + 400 * kDay);
  put_expiring(import.store, kNow + 20 * kDay);
  import.write_after(10s);
  EXPECT_EQ(import.store.counters().swept_items, 0u);
  import.store.now = kNow;
  EXPECT_TRUE(value_or_fail(import.store.get("p", "1")));
}

TEST(Sweeper, AClockThatWasWrongForLongDoesNoHarmOnceARightOneHasWritten) {
  const Folder folder;
  {
    Swept wrong(folder.file(), kNow + 400 * kDay);
    wrong.trust_the_clock();
  }
  Swept right(folder.file());
  right.write_after(0s);
  value_or_fail(right.store.put(expiring(1, kNow + 30 * kDay)));
  right.write_after(60s);
  Swept again(folder.file(), kNow + 400 * kDay);
  again.write_after(0s);
  EXPECT_EQ(again.store.counters().swept_items, 0u);
}

TEST(Sweeper, AnItemThatWasGivenMoreTimeStays) {
  const Folder folder;
  Swept swept(folder.file());
  swept.trust_the_clock();
  Opened& store = swept.store;
  value_or_fail(store.put(expiring(1, store.now + 10s)));
  value_or_fail(store.put(expiring(2, store.now + 10s)));
  value_or_fail(store.put(expiring(1, store.now + 2 * kWeek)));
  value_or_fail(store.update({{"p", "2"}, {table::Change::remove("ttl")}, {}}));
  swept.write_after(kWeek + 100s);
  EXPECT_TRUE(value_or_fail(store.get("p", "1")));
  EXPECT_TRUE(value_or_fail(store.get("p", "2")));
  EXPECT_EQ(store.counters().swept_items, 0u);
}

TEST(Sweeper, AnExpiredItemIsNoObstacleAndItsSuccessorStays) {
  const Folder folder;
  Swept swept(folder.file());
  swept.trust_the_clock();
  Opened& store = swept.store;
  value_or_fail(store.put(expiring(1, store.now + 10s)));
  store.now += 10s;
  const auto outcome =
      value_or_fail(store.put(expiring(1, store.now + 2 * kWeek), table::Condition::item_absent()));
  EXPECT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.item, std::nullopt);
  swept.write_after(kWeek + 100s);
  EXPECT_TRUE(value_or_fail(store.get("p", "1")));
}

std::vector<table::Operation> one_put(const std::string& sk) {
  std::vector<table::Operation> out;
  out.emplace_back(table::Put{item_of("p", sk), {}});
  return out;
}

TEST(Tokens, ThoseOfAnEarlierVersionAreUnderstood) {
  const auto operations = [](const std::string& text) {
    std::vector<PreparedOperation> out;
    table::Item item{{"p", "a"}, {{"text", table::Value(text)}}};
    out.push_back(value_or_fail(prepare(table::Operation(table::Put{std::move(item), {}}))));
    return out;
  };
  const auto same = operations("a token's"), other = operations("another's");
  const OperationsHash hash = hash_of(same);
  const std::string now(hash.begin(), hash.end());
  EXPECT_EQ(now.substr(16), std::string(16, '\0'));
  EXPECT_TRUE(is_hash_of(now, hash, same));
  EXPECT_FALSE(is_hash_of(now, hash_of(other), other));
  const auto digest =
      crypto::digest_from_hex("70071289d6da63ad5d857bc3a63c0a5bd1034620f2018b622a9d2df265189f9c");
  const std::string before(crypto::as_text(digest.value()));
  EXPECT_TRUE(is_hash_of(before, hash, same)) << "what the version before stored";
  EXPECT_FALSE(is_hash_of(before, hash_of(other), other));
  EXPECT_FALSE(is_hash_of(now.substr(0, 16), hash, same)) << "cut off";
}

TEST(Tokens, AreRememberedAcrossOpeningsForTenMinutes) {
  const Folder folder;
  {
    Opened store(folder.file());
    EXPECT_TRUE(value_or_fail(store.transact(one_put("a"), "token")).applied);
    value_or_fail(store.erase("p", "a"));
  }
  Opened store(folder.file());
  store.now = kNow + 599s;
  EXPECT_TRUE(value_or_fail(store.transact(one_put("a"), "token")).applied);
  EXPECT_EQ(value_or_fail(store.get("p", "a")), std::nullopt) << "done once only";
  const auto other = store.transact(one_put("b"), "token");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
  store.now = kNow + 600s;
  EXPECT_TRUE(value_or_fail(store.transact(one_put("b"), "token")).applied);
  EXPECT_TRUE(value_or_fail(store.get("p", "b")));
}

TEST(Tokens, ThatAreOverAreForgottenADayLater) {
  const Folder folder;
  Swept swept(folder.file());
  swept.trust_the_clock();
  Opened& store = swept.store;
  for (int i = 0; i < 10; ++i) value_or_fail(store.transact(one_put("a"), "token" + std::to_string(i)));
  swept.write_after(kDay);
  EXPECT_EQ(store.counters().swept_tokens, 0u);
  swept.write_after(1800s);
  EXPECT_EQ(store.counters().swept_tokens, 10u);
}

TEST(Tokens, ACommandWithAClockFarAheadForgetsNone) {
  const Folder folder;
  {
    Swept agent(folder.file());
    agent.trust_the_clock();
  }
  const Timestamp now = kNow + 30h;
  {
    Opened store(folder.file());
    store.now = now;
    EXPECT_TRUE(value_or_fail(store.transact(one_put("a"), "token")).applied);
    value_or_fail(store.erase("p", "a"));
  }
  {
    Swept command(folder.file(), kNow + 400 * kDay);
    command.write_after(0s);
  }
  Opened store(folder.file());
  store.now = now + 500s;
  EXPECT_TRUE(value_or_fail(store.transact(one_put("a"), "token")).applied);
  EXPECT_EQ(value_or_fail(store.get("p", "a")), std::nullopt) << "done once only";
}

}  // namespace
}  // namespace loopstate::embedded
