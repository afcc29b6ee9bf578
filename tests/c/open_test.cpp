// Opening and closing: settings, handles, streams and calls that are still there, a child process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

#include "c/library.hpp"

namespace loopstate::c {
namespace {

constexpr const char* kNoStore = "no open store has this handle: it was closed, or never opened";

Answer open_with(std::string_view settings, loopstate_store& store) {
  return Answer(loopstate_open(bytes_of(settings), &store));
}

std::string refusal(std::string_view settings) {
  loopstate_store store = 17;
  const auto answer = open_with(settings, store);
  EXPECT_EQ(store, 0u);
  return answer.code() + ": " + answer.message();
}

TEST(COpen, ARefusalSaysWhatIsWrongWithTheSettingsAndGivesNoHandle) {
  EXPECT_EQ(
      refusal("[]"),
      "InvalidArgument: the parameters are not a JSON object: expected an object, found an array at byte 0");
  EXPECT_EQ(refusal("{"),
            "InvalidArgument: the parameters are not a JSON object: expected a member's name in "
            "quotes at byte 1");
  EXPECT_EQ(refusal(R"({"url":5})"), "InvalidArgument: url is 5; expected a string");
  EXPECT_EQ(refusal(R"({"url":"redis:6379"})").substr(0, 31), "InvalidArgument: url is \"redis:");
  EXPECT_EQ(refusal(R"({"path":"x"})"), "InvalidArgument: path is no parameter of this call");
  EXPECT_EQ(refusal(R"({"url":"embedded:./x","mode":"new"})"),
            R"(InvalidArgument: mode is "new"; expected one of "create_if_missing", "existing")");
  EXPECT_EQ(refusal(R"({"url":"embedded:./x","settings":{"PENDING_TTL_SECONDS":60}})"),
            "InvalidArgument: settings.PENDING_TTL_SECONDS is 60; expected a string");
  EXPECT_EQ(refusal(R"({"url":"embedded:./x","settings":{"PENDING_TTL_SECONDS":"soon"}})").substr(0, 36),
            "InvalidArgument: PENDING_TTL_SECONDS");
}

TEST(COpen, AStoreThatMustExistIsNotMade) {
  const Folder folder;
  const auto settings = R"({"mode":"existing","url":"embedded:)" + folder.file() + R"("})";
  EXPECT_EQ(refusal(settings).substr(0, 13), "TableNotFound");
}

TEST(COpen, AVariableInTheSettingsCountsInsteadOfTheEnvironments) {
  const Folder folder;
  const auto settings =
      R"({"url":"embedded:)" + folder.file() + R"(","settings":{"MAX_PENDING_CAPTURES":"1"}})";
  loopstate_store store = 0;
  ASSERT_TRUE(open_with(settings, store).ok());
  const auto* const capture = R"({"user":"U1","capture":{"merchant_id":"m","amount_cents":5}})";
  EXPECT_EQ(call(store, "add_capture", capture).member("dropped"), "[]");
  EXPECT_NE(call(store, "add_capture", capture).member("dropped"), "[]");
  EXPECT_TRUE(Answer(loopstate_close(store)).ok());
}

TEST(COpen, WithoutAUrlTheStoreIsTheOneThatTheSettingsName) {
  const Folder folder;
  const auto settings = R"({"settings":{"LOOPSTATE_URL":"embedded:)" + folder.file() + R"("}})";
  loopstate_store store = 0;
  ASSERT_TRUE(open_with(settings, store).ok());
  EXPECT_TRUE(Answer(loopstate_close(store)).ok());
  EXPECT_TRUE(std::filesystem::exists(folder.file()));
}

TEST(COpen, BothEnginesAreInTheLibrary) {
  loopstate_store store = 0;
  const auto settings =
      R"({"url":"dynamodb:orders","settings":{"AWS_REGION":"eu-west-1","AWS_ACCESS_KEY_ID":"invented",
      "AWS_SECRET_ACCESS_KEY":"invented","AWS_ENDPOINT_URL_DYNAMODB":"http://127.0.0.1:1","DAX_ENDPOINT":null}})";
  const auto opened = open_with(settings, store);
  ASSERT_TRUE(opened.ok()) << opened.json();
  const auto answer = call(store, "fetch", R"({"user":"U1","timeout":0.5})");
  EXPECT_THAT((std::set<std::string>{"ConnectionFailed", "DeadlineExceeded"}),
              testing::Contains(answer.code()))
      << answer.json();
  EXPECT_TRUE(Answer(loopstate_close(store)).ok());
}

TEST(COpen, NullPointersAreRefused) {
  EXPECT_EQ(Answer(loopstate_open({nullptr, 5}, nullptr)).message(), "store is a null pointer");
  loopstate_store store = 0;
  EXPECT_EQ(Answer(loopstate_open({nullptr, 5}, &store)).message(), "settings is a null pointer");
}

TEST(CHandle, AHandleThatIsNoOpenStoreIsAnError) {
  const TestStore store;
  for (const loopstate_store made_up : {loopstate_store{0}, loopstate_store{1}, loopstate_store{65536},
                                        store.handle() + 1, store.handle() + 65536, ~loopstate_store{0}}) {
    EXPECT_EQ(call(made_up, "conflicts", "").message(), kNoStore) << made_up;
    EXPECT_EQ(Answer(loopstate_close(made_up)).message(), kNoStore) << made_up;
  }
  EXPECT_TRUE(store.call("conflicts", "").ok());
}

TEST(CHandle, AClosedStoreIsAnErrorAlsoAfterAnotherWasOpened) {
  const Folder folder;
  loopstate_store closed = 0;
  ASSERT_TRUE(open_with(settings_for(folder.file()), closed).ok());
  ASSERT_TRUE(Answer(loopstate_close(closed)).ok());
  const TestStore other;
  EXPECT_NE(other.handle(), closed);
  EXPECT_EQ(call(closed, "conflicts", "").message(), kNoStore);
  EXPECT_EQ(Answer(loopstate_close(closed)).message(), kNoStore);
}

TEST(CHandle, OneFileOpenedTwiceIsOneStoreWithTwoHandles) {
  const Folder folder;
  loopstate_store first = 0;
  loopstate_store second = 0;
  ASSERT_TRUE(open_with(settings_for(folder.file()), first).ok());
  ASSERT_TRUE(open_with(settings_for(folder.file()), second).ok());
  ASSERT_TRUE(call(first, "get_or_init", R"({"user":"U1"})").ok());
  ASSERT_TRUE(Answer(loopstate_close(first)).ok());
  EXPECT_TRUE(call(second, "fetch", R"({"user":"U1"})").ok());
  EXPECT_TRUE(Answer(loopstate_close(second)).ok());
}

TEST(CHandle, AsManyStoresAsThereMayBeAndNoMore) {
  const Folder folder;
  std::vector<loopstate_store> stores;
  std::string refused;
  while (refused.empty() && stores.size() < 10'000) {
    loopstate_store store = 0;
    const auto answer = open_with(settings_for(folder.file()), store);
    if (answer.ok()) {
      stores.push_back(store);
    } else {
      refused = answer.message();
    }
  }
  EXPECT_EQ(refused, "4096 stores are open, which is as many as can be; close some");
  for (const auto store : stores) EXPECT_TRUE(Answer(loopstate_close(store)).ok());
}

TEST(CHandle, ClosingWaitsForTheCallsInProgressAndRefusesTheRest) {
  const Folder folder;
  loopstate_store store = 0;
  ASSERT_TRUE(open_with(settings_for(folder.file()), store).ok());
  std::atomic<int> begun = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> other = 0;
  const auto work = [&] {
    while (true) {
      const auto answer = call(store, "push_event", R"({"user":"U1","event":{"event_type":"e"}})");
      ++begun;
      if (answer.ok()) continue;
      ++(answer.message() == kNoStore ? refused : other);
      return;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  while (begun < 20) std::this_thread::yield();
  EXPECT_TRUE(Answer(loopstate_close(store)).ok());
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(other, 0);
}

TEST(CHandle, OfSeveralWhoCloseAStoreOneDoes) {
  for (int round = 0; round < 20; ++round) {
    const Folder folder;
    loopstate_store store = 0;
    ASSERT_TRUE(open_with(settings_for(folder.file()), store).ok());
    std::atomic<int> closed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { closed += Answer(loopstate_close(store)).ok() ? 1 : 0; });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(closed, 1);
  }
}

TEST(CHandle, ClosingRemovesWhatAnUnfinishedWriterWrote) {
  const Folder folder;
  loopstate_store store = 0;
  ASSERT_TRUE(open_with(settings_for(folder.file()), store).ok());
  const auto writer = call(store, "documents.writer.open", R"({"user":"U1","collection":"c","key":"k"})");
  ASSERT_TRUE(writer.ok());
  const auto number = R"({"writer":)" + writer.member("writer") + "}";
  ASSERT_TRUE(call(store, "documents.writer.write", number, {std::string(4'000'000, 'x')}).ok());
  ASSERT_TRUE(Answer(loopstate_close(store)).ok());
  EXPECT_EQ(call(store, "documents.writer.finish", number).message(), kNoStore);

  ASSERT_TRUE(open_with(settings_for(folder.file()), store).ok());
  EXPECT_EQ(call(store, "documents.writer.finish", number).message(), "writer 1 is not open");
  // Only the tombstone of the user is left to remove: no part of the body is there.
  ASSERT_TRUE(call(store, "documents.drop", R"({"user":"U1","collection":"c"})").ok());
  ASSERT_TRUE(Answer(loopstate_close(store)).ok());
}

/// What a child process says through its exit status.
int in_a_child(int (*work)(loopstate_store), loopstate_store store) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work(store));
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(CFork, AChildsCallsOnItsParentsStoreSaySo) {
  const TestStore store;
  ASSERT_TRUE(store.call("get_or_init", R"({"user":"U1"})").ok());
  const auto work = [](loopstate_store parents) {
    for (const auto* name : {"fetch", "get_or_init", "conflicts", "documents.reader.next", "no.such.call"}) {
      const auto answer = call(parents, name, R"({"user":"U1"})");
      if (answer.code() != "StorageFailure") return 1;
      if (answer.message() != "this store was opened before the process forked; open it again in the child")
        return 2;
    }
    return 0;
  };
  EXPECT_EQ(in_a_child(work, store.handle()), 0);
  EXPECT_TRUE(store.call("fetch", R"({"user":"U1"})").ok());
}

TEST(CFork, AChildClosesItsParentsStoreAndOpensItsOwn) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP()
      << "a thread of the child gets the number of one of its parent's, which this sanitizer refuses";
#endif
  const TestStore store;
  ASSERT_TRUE(store.call("get_or_init", R"({"user":"U1"})").ok());
  static std::string settings;
  settings = settings_for(store.path());
  const auto work = [](loopstate_store parents) {
    if (!Answer(loopstate_close(parents)).ok()) return 1;
    if (call(parents, "fetch", R"({"user":"U1"})").message() != kNoStore) return 2;
    loopstate_store own = 0;
    if (!open_with(settings, own).ok()) return 3;
    if (!call(own, "push_event", R"({"user":"U1","event":{"event_type":"child"}})").ok()) return 4;
    return Answer(loopstate_close(own)).ok() ? 0 : 5;
  };
  EXPECT_EQ(in_a_child(work, store.handle()), 0);
  EXPECT_NE(store.call("fetch", R"({"user":"U1"})").json().find("child"), std::string::npos);
}

TEST(CFork, AChildIsNotHeldUpByCallsThatWereInProgressInItsParent) {
  const TestStore store;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) store.call("push_event", R"({"user":"U1","event":{"event_type":"e"}})");
    });
  }
  for (int round = 0; round < 20; ++round) {
    const auto work = [](loopstate_store parents) {
      if (call(parents, "fetch", R"({"user":"U1"})").code() != "StorageFailure") return 1;
      return Answer(loopstate_close(parents)).ok() ? 0 : 2;
    };
    EXPECT_EQ(in_a_child(work, store.handle()), 0);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace loopstate::c
