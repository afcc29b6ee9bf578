// Several processes on one file at once.
#include "embedded/child.hpp"
#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::size_t kSmallMapBytes = std::size_t{256} << 10;

std::vector<std::string> writer_arguments(const std::string& path, int first_worker, int workers, int steps,
                                          std::size_t map_bytes) {
  return {"write",
          path,
          std::to_string(first_worker),
          std::to_string(workers),
          std::to_string(steps),
          std::to_string(map_bytes),
          "unsynced"};
}

Opened open_unsynced(const std::string& path, std::size_t map_bytes) {
  EmbeddedOptions options;
  options.path = path;
  options.map_bytes = map_bytes;
  options.durability = Durability::ProcessDeath;
  return Opened(options);
}

TEST(Processes, WritersOfOneFileAllCount) {
  const Folder folder;
  Child first(writer_arguments(folder.file(), 0, 2, 100, kSmallMapBytes));
  Child second(writer_arguments(folder.file(), 2, 2, 100, kSmallMapBytes));
  Child third(writer_arguments(folder.file(), 4, 1, 100, kSmallMapBytes));
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(second.wait(), 0);
  EXPECT_EQ(third.wait(), 0);
  Opened store = open_unsynced(folder.file(), kSmallMapBytes);
  Acknowledged all;
  for (int worker = 0; worker < 5; ++worker) all[worker] = 100;
  EXPECT_EQ(workload::faults(store.table(), all, 5), "");
}

TEST(Processes, AReaderFollowsTheGrowthThatAnotherProcessCaused) {
  const Folder folder;
  Opened store = open_unsynced(folder.file(), kSmallMapBytes);
  value_or_fail(store.put(item_of("p", "s")));
  const auto before = store.counters().map_growths;
  Child writer(writer_arguments(folder.file(), 0, 4, 200, std::size_t{1} << 30));
  // Reading while the other writes.
  writer.await_line();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(value_or_fail(store.get("p", "s")));
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_EQ(workload::faults(store.table(), writer.acknowledged(), 4), "");
  EXPECT_GT(std::filesystem::file_size(folder.file()), kSmallMapBytes);
  EXPECT_GT(store.counters().map_growths, before);
}

TEST(Processes, AWriterFollowsTheGrowthThatAnotherProcessCaused) {
  const Folder folder;
  Opened store = open_unsynced(folder.file(), kSmallMapBytes);
  Child writer(writer_arguments(folder.file(), 0, 4, 200, std::size_t{1} << 30));
  EXPECT_EQ(writer.wait(), 0);
  ASSERT_GT(std::filesystem::file_size(folder.file()), kSmallMapBytes);
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "s"))).applied);
  EXPECT_TRUE(value_or_fail(store.get("p", "s")));
}

TEST(Processes, TheMapGrowsByItself) {
  const Folder folder;
  Opened store = open_unsynced(folder.file(), kSmallMapBytes);
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(store.put(item_of("p", std::to_string(i), {{"data", std::string(100'000, 'x')}})));
  }
  EXPECT_GT(store.counters().map_growths, 0u);
  EXPECT_EQ(
      value_or_fail(store.query({.pk = "p", .range = {}, .descending = false, .limit = 3, .cursor = {}}))
          .items.size(),
      3u);
}

TEST(Processes, TwoOpeningsInOneProcessShareTheFile) {
  const Folder folder;
  Opened first(folder.file());
  Opened second((folder.path() / "." / "store.db").string());
  std::filesystem::create_symlink(folder.file(), folder.file("link.db"));
  Opened third(folder.file("link.db"));
  value_or_fail(first.put(item_of("p", "s")));
  EXPECT_TRUE(value_or_fail(second.get("p", "s")));
  EXPECT_TRUE(value_or_fail(third.get("p", "s")));
  EXPECT_EQ(third.counters().commits, 1u);
  first.close();
  EXPECT_TRUE(value_or_fail(second.put(item_of("p", "t"))).applied);
}

TEST(Processes, AFileClosedByItsLastUserOpensAgain) {
  const Folder folder;
  for (int i = 0; i < 20; ++i) {
    Opened store(folder.file());
    value_or_fail(store.put(item_of("p", std::to_string(i))));
    EXPECT_EQ(store.counters().commits, 1u);
  }
}

TEST(Processes, AnotherDurabilityForAnOpenFileIsRefused) {
  const Folder folder;
  Opened store(folder.file());
  EmbeddedOptions options;
  options.path = folder.file();
  options.durability = Durability::ProcessDeath;
  const auto again = open_embedded(options);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace loopstate::embedded
