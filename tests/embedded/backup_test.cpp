// A store's file as it is at one moment, and back.
#include "embedded/backup.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "embedded/child.hpp"
#include "embedded/fixture.hpp"
#include "embedded/workload.hpp"

namespace loopstate::embedded {
namespace {

using testing::HasSubstr;

std::size_t files_in(const Folder& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(Backup, IsOfOneMomentWhileAnotherProcessWritesWithoutPause) {
  constexpr int kWorkers = 3;
  const Folder folder;
  Child writer({"write", folder.file(), "0", "3", "0", std::to_string(64 << 20), "unsynced"});
  writer.await_line();
  for (int i = 0; i < 8; ++i) {
    const std::string backup = folder.file("backup" + std::to_string(i));
    const auto made = back_up(folder.file(), backup);
    ASSERT_TRUE(made) << made.error().message;
    const std::string restored = folder.file("restored" + std::to_string(i));
    const auto done = restore(backup, restored, false);
    ASSERT_TRUE(done) << done.error().message;
    Opened store(restored);
    EXPECT_EQ(workload::faults(store.table(), {}, kWorkers), "") << i;
    value_or_fail(store.put(item_of("p", "s")));
    for (const auto& finding : value_or_fail(store.runner().run(store.table().inspect(store.call())))) {
      ADD_FAILURE() << finding.subject << ": " << finding.detail;
    }
  }
  writer.kill();
}

TEST(Backup, HasWhatWasAcknowledgedBeforeAndNothingOfWhatWasErased) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "kept", {{"data", "KEPTKEPT"}})));
  value_or_fail(store.put(item_of("p", "gone", {{"data", std::string(9000, 'G')}})));
  value_or_fail(store.erase("p", "gone"));
  value_or_fail(back_up(folder.file(), folder.file("backup")));
  std::ifstream file(folder.file("backup"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(bytes, HasSubstr("KEPTKEPT"));
  EXPECT_THAT(bytes, testing::Not(HasSubstr("GGGGGGGG")));
}

TEST(Backup, WritesOverNothingAndLeavesNoPartOfOne) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "s")));
  std::ofstream(folder.file("there")) << "mine";
  const std::size_t before = files_in(folder);
  const auto refused = back_up(folder.file(), folder.file("there"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(back_up(folder.file(), folder.file("no/such/folder")));
  EXPECT_EQ(back_up(folder.file("missing"), folder.file("b")).error().code, ErrorCode::TableNotFound);
  EXPECT_EQ(files_in(folder), before);
}

/// Changes one byte of the only item in a store that nobody has open.
void damage(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto at = bytes.rfind("SOMETHING");
  ASSERT_NE(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at));
  file.put('X');
}

TEST(Backup, OfADamagedStoreIsNotMadeAndADamagedOneIsNotRestored) {
  const Folder folder;
  {
    Opened store(folder.file());
    value_or_fail(store.put(item_of("p", "s", {{"data", "SOMETHING"}})));
  }
  value_or_fail(back_up(folder.file(), folder.file("good")));
  std::filesystem::copy(folder.file("good"), folder.file("bad"));
  damage(folder.file());
  damage(folder.file("bad"));
  const auto refused = back_up(folder.file(), folder.file("b"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageCorrupt);
  EXPECT_THAT(refused.error().message, HasSubstr("p / s"));
  const auto bad = restore(folder.file("bad"), folder.file(), true);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::StorageCorrupt);
  value_or_fail(restore(folder.file("good"), folder.file(), true));
  EXPECT_TRUE(value_or_fail(Opened(folder.file()).get("p", "s")));
}

TEST(Restore, ReplacesAStoreOnlyWhenToldToAndNeverOneThatIsOpen) {
  const Folder folder;
  value_or_fail(Opened(folder.file("other")).put(item_of("p", "new")));
  value_or_fail(back_up(folder.file("other"), folder.file("backup")));
  value_or_fail(Opened(folder.file()).put(item_of("p", "old")));
  EXPECT_EQ(restore(folder.file("backup"), folder.file(), false).error().code, ErrorCode::InvalidArgument);
  {
    Child writer({"write", folder.file(), "0", "1", "0", std::to_string(64 << 20), "unsynced"});
    writer.await_line();
    const auto refused = restore(folder.file("backup"), folder.file(), true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("open"));
  }
  EXPECT_TRUE(value_or_fail(Opened(folder.file()).get("p", "old")));
  value_or_fail(restore(folder.file("backup"), folder.file(), true));
  Opened store(folder.file());
  EXPECT_TRUE(value_or_fail(store.get("p", "new")));
  EXPECT_FALSE(value_or_fail(store.get("p", "old")));
  value_or_fail(store.put(item_of("p", "after")));
}

TEST(Restore, NeverReplacesAnOpenStoreByWhateverNameAndWithoutItsLockFile) {
  const Folder folder;
  value_or_fail(Opened(folder.file("other")).put(item_of("p", "new")));
  value_or_fail(back_up(folder.file("other"), folder.file("backup")));
  value_or_fail(Opened(folder.file()).put(item_of("p", "old")));
  std::filesystem::create_symlink(folder.file(), folder.file("link"));
  {
    Child writer({"write", folder.file(), "0", "1", "0", std::to_string(64 << 20), "unsynced"});
    writer.await_line();
    EXPECT_EQ(restore(folder.file("backup"), folder.file("link"), true).error().code, ErrorCode::Unavailable);
    std::filesystem::remove(folder.file() + "-lock");
    EXPECT_EQ(restore(folder.file("backup"), folder.file(), true).error().code, ErrorCode::Unavailable);
    writer.kill();
  }
  EXPECT_TRUE(value_or_fail(Opened(folder.file()).get("p", "old")));
  value_or_fail(restore(folder.file("backup"), folder.file("link"), true));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_TRUE(value_or_fail(Opened(folder.file()).get("p", "new")));
}

TEST(Restore, InTheProcessThatHasTheStoreOpenIsRefusedAndLosesNoneOfItsLocks) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "s")));
  value_or_fail(back_up(folder.file(), folder.file("backup")));
  const auto locks_of_posix = [] {
    std::ifstream in("/proc/locks");
    int count = 0;
    for (std::string line; std::getline(in, line);)
      count +=
          line.find("POSIX") != line.npos && line.find(" " + std::to_string(getpid()) + " ") != line.npos;
    return count;
  };
  const int before = locks_of_posix();
  EXPECT_GT(before, 0);
  EXPECT_EQ(restore(folder.file("backup"), folder.file(), true).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(locks_of_posix(), before);
}

TEST(Restore, OfAStoreThatSomebodyHasOpenIsRefused) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "s")));
  const auto refused = restore(folder.file(), folder.file("new"), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("loopstate backup"));
  EXPECT_FALSE(std::filesystem::exists(folder.file("new")));
}

}  // namespace
}  // namespace loopstate::embedded
