#include "loopstate/blocking.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace loopstate {
namespace {

class Blocking : public testing::Test {
 protected:
  Blocking() {
    std::string pattern = (std::filesystem::temp_directory_path() / "loopstate-blocking-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    settings_.url = "embedded:" + (folder_ / "loopstate.db").string();
    store_ = open_again();
  }
  ~Blocking() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void SetUp() override { ASSERT_TRUE(store_); }

  BlockingStore& store() { return *store_; }
  std::optional<BlockingStore> open_again() const {
    auto opened = Store::open(settings_);
    return opened ? std::optional<BlockingStore>(std::move(*opened)) : std::nullopt;
  }
  static UserId user(std::string_view text) { return *UserId::parse(text); }

 private:
  std::filesystem::path folder_;
  Settings settings_;
  std::optional<BlockingStore> store_;
};

/// How many of the kernel's event queues this process has open.
int event_queues() {
  int count = 0;
  std::error_code gone;  // the listing's own descriptor
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    if (std::filesystem::read_symlink(entry, gone) == "anon_inode:[eventpoll]") ++count;
  }
  return count;
}

TEST_F(Blocking, AWriteIsThereForTheNextRead) {
  ASSERT_TRUE(store().get_or_init(user("U1")));
  const auto patched = store().patch(user("U1"), {{"preferences.auto_stake", *JsonText::parse("false")}});
  ASSERT_TRUE(patched) << patched.error().message;
  const auto context = store().fetch(user("U1"));
  ASSERT_TRUE(context);
  EXPECT_FALSE(context->preferences.auto_stake);
  EXPECT_EQ(context->version, 2u);
}

TEST_F(Blocking, AForkedChildWaitsOnALoopOfItsOwn) {
  ASSERT_TRUE(store().get_or_init(user("U1")));
  const pid_t child = ::fork();
  if (child == 0) {
    const int before = event_queues();
    auto own = open_again();
    const bool written = own && own->get_or_init(user("U2"));
    ::_exit(written && before > 0 && event_queues() == before + 1 ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(store().fetch(user("U2")));
}

TEST_F(Blocking, ARefusalComesBackAsTheStoreGaveIt) {
  const auto context = store().fetch(user("nobody"));
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, ErrorCode::NotFound);
}

TEST_F(Blocking, ManyAnswersComeInTheOrderAsked) {
  ASSERT_TRUE(store().get_or_init(user("U2")));
  const auto answers = store().fetch_many({user("U1"), user("U2")});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_FALSE(answers[0]);
  ASSERT_TRUE(answers[1]);
  EXPECT_EQ(answers[1]->pubkey.text(), "U2");
}

TEST_F(Blocking, ACallFromInsideACallbackIsAnswered) {
  ASSERT_TRUE(store().get_or_init(user("U1")));
  ASSERT_TRUE(store().get_or_init(user("U2")));
  std::optional<std::uint64_t> seen;
  const auto updated = store().update(user("U1"), [&](Context& context) -> Result<void> {
    const auto other = store().fetch(user("U2"));
    if (!other) return std::unexpected(other.error());
    seen = other->version;
    context.vault.cred_balance += 1;
    return {};
  });
  ASSERT_TRUE(updated) << updated.error().message;
  EXPECT_EQ(seen, 1u);
  EXPECT_EQ(updated->vault.cred_balance, 1u);
}

TEST_F(Blocking, AnExceptionFromACallbackIsAnInternalError) {
  ASSERT_TRUE(store().get_or_init(user("U1")));
  const auto updated = store().update(
      user("U1"), [](Context&) -> Result<void> { throw std::runtime_error("the callback's own"); });
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, ErrorCode::Internal);
  EXPECT_NE(updated.error().message.find("the callback's own"), std::string::npos);
  EXPECT_TRUE(store().fetch(user("U1")));
}

// A thread's own objects are destroyed in reverse, so one that is older than its first call outlives its
// loop.
TEST_F(Blocking, AThreadThatEndsMayStillMakeCalls) {
  ASSERT_TRUE(store().get_or_init(user("U1")));
  struct LastCall {
    BlockingStore store;
    bool& answered;
    ~LastCall() { answered = store.fetch(user("U1")).has_value(); }
  };
  bool answered = false;
  std::thread([&] {
    thread_local LastCall last{store(), answered};
    EXPECT_TRUE(last.store.fetch(user("U1")));
  }).join();
  EXPECT_TRUE(answered);
}

struct AtExit {
  BlockingStore store;
  void (*use)(BlockingStore& store);
  ~AtExit() { use(store); }
};
void expect_an_answer(BlockingStore& store) {
  if (!store.get_or_init(*UserId::parse("U1"))) _exit(3);
}
void expect_a_refusal(BlockingStore& store) {
  const auto refused = store.get_or_init(*UserId::parse("U1"));
  if (refused || refused.error().code != ErrorCode::Unavailable) _exit(4);
#ifdef __SANITIZE_ADDRESS__
  _exit(0);  // it would report as leaked what the calls of a program that exits hold
#endif
}
// Older than any call, hence destroyed after what calls need.
std::optional<AtExit> oldest;

TEST_F(Blocking, StaticObjectsOfAProgramThatExitsAreAnsweredOrRefused) {
  const auto call_and_exit = [this] {
    auto own = open_again();
    if (!own || !own->get_or_init(user("U1"))) _exit(2);
    static AtExit younger{*own, expect_an_answer};
    oldest.emplace(*own, expect_a_refusal);
    std::exit(0);
  };
  EXPECT_EXIT(call_and_exit(), testing::ExitedWithCode(0), "");
}

TEST_F(Blocking, ThreadsLoseNoneOfTheirUpdates) {
  constexpr int kThreads = 4, kUpdates = 25;
  ASSERT_TRUE(store().get_or_init(user("U1")));
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int index = 0; index < kThreads; ++index) {
    threads.emplace_back([&] {
      BlockingStore mine = store();
      for (int count = 0; count < kUpdates; ++count) {
        const auto updated = mine.update(user("U1"), [](Context& context) -> Result<void> {
          context.vault.total_staked += 1;
          return {};
        });
        if (!updated) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto context = store().fetch(user("U1"));
  ASSERT_TRUE(context);
  EXPECT_EQ(context->vault.total_staked + failed, static_cast<std::uint64_t>(kThreads * kUpdates));
}

}  // namespace
}  // namespace loopstate
