// One store, many threads.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "c/library.hpp"

namespace loopstate::c {
namespace {

template <typename Work>
void on_threads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([=] { work(i); });
  for (auto& thread : threads) thread.join();
}

TEST(CThreads, NoAppendOfSeveralThreadsIsLost) {
  constexpr int kThreads = 8;
  constexpr int kTurns = 20;
  const TestStore store;
  std::atomic<int> failed = 0;
  on_threads(kThreads, [&](int thread) {
    for (int turn = 0; turn < kTurns; ++turn) {
      const auto body = std::to_string(thread) + "-" + std::to_string(turn);
      const auto json = R"({"user":"U1","collection":"c","documents":[{}],"request_id":")" + body + R"("})";
      // Who loses too many races is told to try again, and does so under the same request id.
      std::string retryable = "true";
      while (retryable == "true")
        retryable = store.call("documents.append", json, {body}).member("retryable");
      failed += retryable.empty() ? 0 : 1;
    }
  });
  EXPECT_EQ(failed, 0);
  const auto list = store.call("documents.list", R"({"user":"U1","collection":"c","limit":1000})");
  std::set<std::string> bodies;
  for (std::size_t i = 0; i < list.buffers(); ++i) bodies.insert(list.buffer(i));
  EXPECT_EQ(list.buffers(), std::size_t{kThreads * kTurns});
  EXPECT_EQ(bodies.size(), std::size_t{kThreads * kTurns});
}

TEST(CThreads, EachThreadOpensUsesAndClosesStoresOfItsOwn) {
  std::atomic<int> failed = 0;
  on_threads(8, [&](int thread) {
    const auto user = R"({"user":"U)" + std::to_string(thread) + R"("})";
    for (int round = 0; round < 5; ++round) {
      const TestStore store;
      failed += store.call("get_or_init", user).ok() && store.call("fetch", user).ok() ? 0 : 1;
    }
  });
  EXPECT_EQ(failed, 0);
}

TEST(CThreads, AnAnswerMayBeReadAndFreedOnAnotherThread) {
  const TestStore store;
  auto* answer = loopstate_call(store.handle(), "get_or_init", bytes_of(R"({"user":"U1"})"), nullptr, 0);
  std::thread([answer] {
    EXPECT_EQ(loopstate_ok(answer), 1);
    EXPECT_GT(loopstate_json(answer).size, 0u);
    loopstate_free(answer);
  }).join();
}

TEST(CThreads, AThreadThatEndsMayHaveMadeTheLastCall) {
  const TestStore store;
  for (int i = 0; i < 20; ++i) {
    std::thread([&] { EXPECT_TRUE(store.call("get_or_init", R"({"user":"U1"})").ok()); }).join();
  }
}

}  // namespace
}  // namespace loopstate::c
