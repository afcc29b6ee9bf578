// A process that is stopped where others wait for it: nobody waits beyond a deadline, and everything
// continues once it does, or once it is gone.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "embedded/child.hpp"
#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

Deadline in(milliseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

class StoppedWriter : public testing::Test {
 protected:
  void SetUp() override {
    value_or_fail(store.put(item_of("p", "before")));
    held.emplace(std::vector<std::string>{"hold", folder.file()});
    held->await_line();
    ASSERT_EQ(held->output(), "Holding\n");
    held->stop();
  }

  Result<table::WriteOutcome> put(const std::string& sk, Deadline deadline) {
    return store.runner().run(store.table().put({item_of("p", sk), {}}, {kNow, deadline}));
  }

  static EmbeddedOptions options_for(const std::string& path) {
    EmbeddedOptions out = Opened::options_for(path);
    out.lock_wait = milliseconds(200);
    return out;
  }

  Folder folder;
  Opened store{options_for(folder.file())};
  std::optional<Child> held;
};

TEST_F(StoppedWriter, AWriteAnswersByItsDeadlineAndNamesTheProcess) {
  const auto outcome = put("late", in(milliseconds(150)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::DeadlineExceeded);
  EXPECT_THAT(outcome.error().message, AllOf(HasSubstr("process " + std::to_string(held->process())),
                                             HasSubstr("is stopped"), HasSubstr("kill -CONT")));
}

TEST_F(StoppedWriter, AWriteWithoutADeadlineDoesNotWaitForEver) {
  const auto outcome = put("late", Deadline::max());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(outcome.error().retryable);
  EXPECT_THAT(outcome.error().message, HasSubstr("process " + std::to_string(held->process())));
}

TEST_F(StoppedWriter, ReadsAndOpeningGoOn) {
  EXPECT_TRUE(value_or_fail(store.get("p", "before")));
  store.close();
  Opened again(options_for(folder.file()));
  EXPECT_TRUE(value_or_fail(again.get("p", "before")));
}

TEST_F(StoppedWriter, AStoreWithWaitingWritesCloses) {
  ASSERT_FALSE(put("late", in(milliseconds(50))));
  store.close();  // does not return while the writer thread waits
}

TEST_F(StoppedWriter, WritesGoOnWhenItGoesOn) {
  ASSERT_FALSE(put("late", in(milliseconds(50))));
  held->go_on(SIGUSR1);
  EXPECT_EQ(held->wait(), 0);
  EXPECT_TRUE(value_or_fail(put("after", Deadline::max())).applied);
}

TEST_F(StoppedWriter, WritesGoOnWhenItIsKilled) {
  ASSERT_FALSE(put("late", in(milliseconds(50))));
  held->kill();
  EXPECT_TRUE(value_or_fail(put("after", Deadline::max())).applied);
  EXPECT_EQ(value_or_fail(store.get("p", "late")), std::nullopt) << "too late, so not written";
}

TEST_F(StoppedWriter, AnotherProcessThatWaitsIsServedAsWell) {
  Child waiting({"open", folder.file()});
  waiting.await_line();  // opened, and its write waits
  held->kill();
  EXPECT_EQ(waiting.wait(), 0);
  EXPECT_EQ(waiting.output(), "Opened\nWritten\n");
}

TEST(StoppedOpener, NobodyWaitsForItForEver) {
  const Folder folder;
  Opened(folder.file()).put(item_of("p", "s"));
  Child opener({"hold-opening", folder.file()});
  opener.await_line();
  opener.stop();
  EmbeddedOptions options = Opened::options_for(folder.file());
  options.lock_wait = milliseconds(100);
  const auto refused = open_embedded(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("process " + std::to_string(opener.process())));
  opener.kill();
  Opened store(options);
  EXPECT_TRUE(value_or_fail(store.get("p", "s")));
}

/// Stands for a child that the scheduler has not yet let run: what fork() has registered is not run in it.
TEST(Fork, AChildThatLivesOnKeepsNoLock) {
  const Folder folder;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  pid_t child = -1;
  {
    Opened store(folder.file());
    value_or_fail(store.put(item_of("p", "s")));
    child = _Fork();
    if (child == 0) {
      close(ends[1]);
      char byte = 0;
      while (read(ends[0], &byte, 1) > 0) {
      }
      _exit(0);
    }
  }
  std::filesystem::rename(folder.file(), folder.file("moved.db"));
  Child other({"open", folder.file()});
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(other.output(), "Opened\nWritten\n") << "the parent closed it, and the child has no part in it";
  close(ends[1]);
  close(ends[0]);
  waitpid(child, nullptr, 0);
}

/// How many handles this process has of a store's two files, LMDB's own among them.
int handles_of(const std::string& path) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone).native().starts_with(path)) ++count;
  }
  return count;
}

/// Otherwise it would hold its parent's locks when that is killed.
TEST(Fork, AChildClosesTheHandlesThatCarryLocks) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "s")));
  const int before = handles_of(folder.file());
  const pid_t child = fork();
  if (child == 0) _exit(handles_of(folder.file()));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), before - 2) << "the data file's and the lock file's";
}

}  // namespace
}  // namespace loopstate::embedded
