// The store's file is known by what it is, not by its name: whatever happens to its names while it is open is
// noticed before a write is acknowledged, and two processes that would not see each other's locks never meet.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "embedded/child.hpp"
#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// What a separate process is told when it opens the file and writes.
std::string said_when_opening(const std::string& path) {
  Child child({"open", path});
  EXPECT_EQ(child.wait(), 0);
  return child.output();
}

class Identity : public testing::Test {
 protected:
  void SetUp() override { value_or_fail(store.put(item_of("p", "s"))); }

  void expect_write_refused(const std::string& happened, const std::string& advice) {
    const auto commits = store.counters().commits;
    const auto outcome = store.put(item_of("p", "after"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::StorageFailure);
    EXPECT_THAT(outcome.error().message, AllOf(HasSubstr(happened), HasSubstr(advice)));
    EXPECT_EQ(store.counters().commits, commits) << "nothing may be written";
  }

  /// A read may come a moment too early to notice.
  Error await_refused_read() {
    for (;;) {
      if (const auto got = store.get("p", "s"); !got) return got.error();
      std::this_thread::yield();
    }
  }

  Folder folder;
  std::string path = std::filesystem::canonical(folder.path()) / "store.db";
  Opened store{path};
};

TEST_F(Identity, AnOpenFileWhoseNamesAreAsTheyWereIsWritten) {
  value_or_fail(store.put(item_of("p", "after")));
  EXPECT_TRUE(value_or_fail(store.get("p", "after")));
}

TEST_F(Identity, AFileThatWasRemovedIsNotWrittenAndItsContentCanBeSaved) {
  std::filesystem::remove(path);
  expect_write_refused(path + " was removed while process " + std::to_string(getpid()) + " had it open",
                       "cp /proc/");
  const Error error = await_refused_read();
  EXPECT_EQ(error.code, ErrorCode::StorageFailure);
  // As the sentence says.
  const std::size_t at = error.message.find("/proc/");
  const std::string source = error.message.substr(at, error.message.find(' ', at) - at);
  std::filesystem::copy_file(source, folder.file("saved.db"));
  Opened saved(folder.file("saved.db"));
  EXPECT_TRUE(value_or_fail(saved.get("p", "s")));
}

TEST_F(Identity, ARemovedFileIsNoticedByReadsAlone) {
  std::filesystem::remove(path);
  EXPECT_THAT(await_refused_read().message, HasSubstr("was removed"));
}

TEST_F(Identity, AFileThatWasMovedIsNotWrittenUntilItIsBack) {
  std::filesystem::rename(path, path + ".bak");
  expect_write_refused(path + " was moved to " + path + ".bak", "Move it back");
  EXPECT_THAT(await_refused_read().message, HasSubstr("was moved to"));
  std::filesystem::rename(path + ".bak", path);
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "back"))).applied);
  EXPECT_TRUE(value_or_fail(store.get("p", "s")));
}

TEST_F(Identity, NoNewFileIsMadeWhileAProcessHasTheMovedOneOpen) {
  std::filesystem::rename(path, path + ".bak");
  EXPECT_THAT(said_when_opening(path), AllOf(StartsWith("StorageFailure"), HasSubstr("moved or removed")));
  EXPECT_FALSE(std::filesystem::exists(path)) << "it would look like a store that lost everything";
  const auto again = open_embedded(Opened::options_for(path));
  ASSERT_FALSE(again) << "in this process neither";
  EXPECT_THAT(again.error().message, HasSubstr("moved or removed"));
  store.close();
  EXPECT_EQ(said_when_opening(path), "Opened\nWritten\n");
}

TEST_F(Identity, AnotherFileAtThePathIsNotOpenedWhileAProcessHasTheMovedOneOpen) {
  Opened other(folder.file("other.db"));
  value_or_fail(other.put(item_of("p", "other")));
  other.close();
  std::filesystem::rename(path, path + ".bak");
  std::filesystem::rename(folder.file("other.db"), path);
  EXPECT_THAT(said_when_opening(path),
              AllOf(StartsWith("StorageFailure"), HasSubstr(path + " is not the file it was")));
  const auto again = open_embedded(Opened::options_for(path));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("is not the file it was"));
  expect_write_refused(path + " was replaced; the open file was moved to " + path + ".bak", "start it again");
  // The attempts did not release the locks of what is open.
  std::filesystem::rename(path + ".bak", path);
  Child writer({"keep", path});
  writer.await_line();
  EXPECT_EQ(writer.output(), "Written\n");
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "back"))).applied);
}

/// As `cp from to` does: the same file gets other content.
void write_over(const std::string& from, const std::string& to) {
  std::ifstream in(from, std::ios::binary);
  std::ofstream(to, std::ios::binary | std::ios::trunc) << in.rdbuf();
}

TEST_F(Identity, AFileThatAnOlderCopyIsWrittenOverTakesNoWrites) {
  std::filesystem::copy_file(path, folder.file("old.db"));
  value_or_fail(store.put(item_of("p", "newer")));
  write_over(folder.file("old.db"), path);
  const auto commits = store.counters().commits;
  for (int i = 0; i < 2; ++i) {
    const auto outcome = store.put(item_of("p", "after"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ErrorCode::StorageCorrupt);
    EXPECT_THAT(outcome.error().message,
                AllOf(HasSubstr(path + " was overwritten in place"), HasSubstr("End every")));
  }
  EXPECT_EQ(store.counters().commits, commits);
  EXPECT_THAT(await_refused_read().message, HasSubstr("overwritten in place"));
  store.close();
  Opened again(path);
  EXPECT_TRUE(value_or_fail(again.get("p", "s"))) << "the copy is as it was";
  value_or_fail(again.put(item_of("p", "again")));
}

TEST_F(Identity, AnOlderCopyWrittenOverAFileIsNoticedByReadsAlone) {
  std::filesystem::copy_file(path, folder.file("old.db"));
  value_or_fail(store.put(item_of("p", "newer")));
  value_or_fail(store.put(item_of("p", "newest")));
  write_over(folder.file("old.db"), path);
  EXPECT_THAT(await_refused_read().message, HasSubstr("overwritten in place"));
}

TEST_F(Identity, NoSnapshotIsTakenOfAFileThatAnOlderCopyIsWrittenOver) {
  std::filesystem::copy_file(path, folder.file("old.db"));
  value_or_fail(store.put(item_of("p", "newer")));
  value_or_fail(store.put(item_of("p", "newest")));
  write_over(folder.file("old.db"), path);
  const auto snapshot = store.table().snapshot();
  ASSERT_FALSE(snapshot) << "backup, export and check would take the older content for the store's";
  EXPECT_EQ(snapshot.error().code, ErrorCode::StorageCorrupt);
  EXPECT_THAT(snapshot.error().message, HasSubstr("overwritten in place"));
  EXPECT_THAT(await_refused_read().message, HasSubstr("overwritten in place"));
}

TEST_F(Identity, AProcessThatOpensAFileThatIsOverwrittenUnderAnotherWritesNothing) {
  std::filesystem::copy_file(path, folder.file("old.db"));
  value_or_fail(store.put(item_of("p", "newer")));
  write_over(folder.file("old.db"), path);
  EXPECT_THAT(said_when_opening(path), HasSubstr("overwritten in place"));
}

// A copy that went its own way for the same number of writes: only its content tells.
TEST_F(Identity, AFileThatAnotherContentOfTheSameAgeIsWrittenOverTakesNoWrites) {
  std::filesystem::copy_file(path, folder.file("other.db"));
  {
    Opened other(folder.file("other.db"));
    value_or_fail(other.put(item_of("p", "its own")));
  }
  value_or_fail(store.put(item_of("p", "ours")));
  write_over(folder.file("other.db"), path);
  const auto outcome = store.put(item_of("p", "after"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::StorageCorrupt);
  EXPECT_THAT(outcome.error().message, HasSubstr("overwritten in place"));
}

TEST_F(Identity, AFileThatALinkNoLongerLeadsToIsNotWrittenUntilItDoes) {
  namespace fs = std::filesystem;
  for (const std::string name : {"a", "b"}) fs::create_directory(folder.file(name));
  const std::string link = folder.file("current");
  fs::create_directory_symlink(folder.file("a"), link);
  Opened linked(link + "/s.db");
  value_or_fail(linked.put(item_of("p", "s")));
  const auto turn_to = [&](const std::string& to) {
    fs::remove(link);
    if (!to.empty()) fs::create_directory_symlink(folder.file(to), link);
  };
  const auto said = [&] {
    const auto outcome = linked.put(item_of("p", "after"));
    return outcome ? std::string() : outcome.error().message;
  };
  turn_to("b");
  EXPECT_THAT(said(), AllOf(HasSubstr(link + "/s.db leads nowhere"), HasSubstr("/a/s.db")));
  {
    Opened other(folder.file("b") + "/s.db");
  }
  EXPECT_THAT(said(), HasSubstr(link + "/s.db leads to another file"));
  turn_to("");
  EXPECT_THAT(said(), HasSubstr("leads nowhere"));
  turn_to("a");
  EXPECT_EQ(said(), "");
}

TEST_F(Identity, AFileThatWasNamedFromAnotherFolderIsFoundFromAnywhere) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  Opened relative("relative.db");
  std::filesystem::current_path(before);
  value_or_fail(relative.put(item_of("p", "s")));
}

TEST_F(Identity, WhoeverUsesAnotherLockFileIsRefusedAndNothingIsLost) {
  std::filesystem::remove(path + "-lock");
  expect_write_refused(path + "-lock was removed or replaced", "end every process");
  EXPECT_TRUE(value_or_fail(store.get("p", "s"))) << "what is there may still be read";
  EXPECT_THAT(said_when_opening(path),
              AllOf(StartsWith("StorageFailure"), HasSubstr("a lock file other than"), HasSubstr("fuser")));
  std::ofstream(path + "-lock").flush();
  EXPECT_THAT(said_when_opening(path), StartsWith("StorageFailure"));
  store.close();
  EXPECT_EQ(said_when_opening(path), "Opened\nWritten\n");
  Opened again(path);
  EXPECT_TRUE(value_or_fail(again.get("p", "s")));
}

TEST_F(Identity, AFileWithASecondNameIsNeitherOpenedNorWritten) {
  std::filesystem::create_hard_link(path, folder.file("second.db"));
  expect_write_refused("has 2 names", "samefile");
  EXPECT_TRUE(value_or_fail(store.get("p", "s")));
  for (const auto& name : {path, folder.file("second.db")}) {
    EXPECT_THAT(said_when_opening(name), AllOf(StartsWith("StorageFailure"), HasSubstr("has 2 names")))
        << name;
    const auto again = open_embedded(Opened::options_for(name));
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().message, HasSubstr("has 2 names"));
  }
  std::filesystem::remove(folder.file("second.db"));
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "one name again"))).applied);
}

TEST_F(Identity, AFileReachedThroughAMountOfItselfIsNotOpenedASecondTime) {
  const std::string mounted = folder.file("mounted.db");
  std::ofstream(mounted).flush();
  if (mount(path.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    GTEST_SKIP() << "needs the right to mount";
  }
  const std::string said = said_when_opening(mounted);
  store.close();
  const std::string alone = said_when_opening(mounted);
  umount(mounted.c_str());
  EXPECT_THAT(said, AllOf(StartsWith("StorageFailure"), HasSubstr("a mount of the single file")));
  EXPECT_EQ(alone, "Opened\nWritten\n");
}

TEST_F(Identity, ASymbolicLinkIsTheSameName) {
  std::filesystem::create_symlink(path, folder.file("link.db"));
  EXPECT_EQ(said_when_opening(folder.file("link.db")), "Opened\nWritten\n");
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "after"))).applied);
}

TEST_F(Identity, AFolderMovedUnderAnOpenFileIsNoticed) {
  const std::filesystem::path other = std::filesystem::path(path).parent_path().string() + "-moved";
  std::filesystem::rename(folder.path(), other);
  const auto outcome = store.put(item_of("p", "after"));
  std::filesystem::rename(other, folder.path());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("was moved to " + other.string()));
}

TEST(Containers, ASecondProcessOfTheSameNumberIsToldWhatToDo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, for a process namespace";
  const Folder folder;
  Child first({"contained", "keep", folder.file()});
  first.await_line();
  if (first.output().empty()) GTEST_SKIP() << "needs the right to make a process namespace";
  // If the tests are built with the leak sanitizer, it cannot inspect process 1 of a namespace.
  Child second({"contained", "open", folder.file()},
               {"ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0"});
  EXPECT_EQ(second.wait(), 0);
  EXPECT_THAT(second.output(), AllOf(StartsWith("StorageFailure"), HasSubstr("process with the number 1"),
                                     HasSubstr("--pid=container:")));
  // With other numbers they work together.
  EXPECT_EQ(said_when_opening(folder.file()), "Opened\nWritten\n");
}

}  // namespace
}  // namespace loopstate::embedded
