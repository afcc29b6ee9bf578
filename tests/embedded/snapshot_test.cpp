// One moment of a store, and the inspection of a whole file.
#include <gmock/gmock.h>

#include "embedded/fixture.hpp"
#include "embedded/raw_record.hpp"
#include "embedded/workload.hpp"

namespace loopstate::embedded {
namespace {

using Keys = std::vector<std::string>;

/// Many small commits, none of which has to survive a loss of power.
EmbeddedOptions quick(const Folder& folder) {
  auto out = Opened::options_for(folder.file());
  out.durability = Durability::ProcessDeath;
  return out;
}

Keys keys_of(Opened& store, table::Snapshot& snapshot, std::size_t limit = 0) {
  Keys out;
  table::Scan scan;
  scan.limit = limit;
  scan.past_damage = true;
  do {
    auto page = value_or_fail(store.runner().run(snapshot.scan(scan, store.call())));
    for (const auto& item : page.items) out.push_back(item.key.pk + "/" + item.key.sk);
    scan.cursor = page.next;
  } while (scan.cursor);
  return out;
}

std::vector<table::Finding> inspect(Opened& store) {
  return value_or_fail(store.runner().run(store.table().inspect(store.call())));
}

TEST(Snapshot, ShowsTheStoreAsItWasWhateverIsWrittenMeanwhile) {
  const Folder folder;
  Opened store(quick(folder));
  Keys expected;
  for (int i = 100; i < 400; ++i) {
    value_or_fail(store.put(item_of("p", std::to_string(i), {{"data", std::string(i * 20, 'x')}})));
    expected.push_back("p/" + std::to_string(i));
  }
  const auto snapshot = value_or_fail(store.table().snapshot());
  for (int i = 100; i < 400; ++i) {
    value_or_fail(store.erase("p", std::to_string(i)));
    value_or_fail(store.put(item_of("q", std::to_string(i), {{"data", std::string(3000, 'y')}})));
  }
  EXPECT_EQ(keys_of(store, *snapshot), expected);
  EXPECT_EQ(keys_of(store, *snapshot, 7), expected);
}

TEST(Snapshot, OutlivesItsTableAndTheGrowthOfTheMap) {
  const Folder folder;
  auto options = quick(folder);
  options.map_bytes = 256 << 10;
  Opened store(options);
  value_or_fail(store.put(item_of("p", "s")));
  const auto snapshot = value_or_fail(store.table().snapshot());
  for (int i = 0; i < 100; ++i) {
    value_or_fail(store.put(item_of("q", std::to_string(i), {{"data", std::string(20'000, 'y')}})));
  }
  EXPECT_GT(store.counters().map_growths, 0u);
  store.close();
  EXPECT_EQ(keys_of(store, *snapshot), Keys{"p/s"});
}

TEST(Inspection, FindsNothingInAStoreThatManyTransactionsChanged) {
  const Folder folder;
  Opened store(quick(folder));
  value_or_fail(store.put(workload::shared_counter().item));
  for (int number = 1; number <= 150; ++number) {
    for (int worker = 0; worker < 3; ++worker) {
      value_or_fail(store.transact(workload::transaction(worker, number), workload::token(worker, number)));
    }
    value_or_fail(
        store.put(item_of("big", std::to_string(number % 9), {{"data", std::string(number * 97, 'x')}})));
    store.now += 2h;
  }
  for (const auto& finding : inspect(store)) ADD_FAILURE() << finding.subject << ": " << finding.detail;
}

TEST(Inspection, FindsAnItemThatIsGoneOneThatIsNewAndOneOfAnOlderState) {
  const auto found_after = [](auto change) {
    const Folder folder;
    {
      Opened store(folder.file());
      for (const char* sk : {"a", "b", "c"}) value_or_fail(store.put(item_of("p", sk)));
    }
    const std::string old = get_raw(folder.file(), raw_key("p", "b"));
    value_or_fail(Opened(folder.file()).put(item_of("p", "b", {{"x", "y"}})));
    change(folder.file(), old);
    Opened store(folder.file());
    std::string out;
    for (const auto& finding : inspect(store)) out += finding.subject + ": " + finding.detail + "\n";
    return out;
  };
  EXPECT_EQ(found_after([](const std::string&, const std::string&) {}), "");
  EXPECT_THAT(found_after([](const std::string& path, const std::string&) {
                on_raw_items(path, [](MDB_txn* txn, MDB_dbi items) {
                  std::string name = raw_key("p", "a");
                  MDB_val key{name.size(), name.data()};
                  EXPECT_EQ(mdb_del(txn, items, &key, nullptr), 0);
                });
              }),
              testing::HasSubstr("2 items can be read, and the file had 3"));
  EXPECT_THAT(found_after([](const std::string& path, const std::string& old) {
                put_raw(path, raw_key("p", "b"), old);
              }),
              testing::HasSubstr("older state"));
  EXPECT_THAT(
      found_after([](const std::string& path, const std::string&) { put_raw(path, raw_key("p", "b")); }),
      testing::HasSubstr("p / b"));
}

}  // namespace
}  // namespace loopstate::embedded
