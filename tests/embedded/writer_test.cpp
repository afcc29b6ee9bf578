// The writer thread: what shares a commit, what is too late, and who is told.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "embedded/engine.hpp"
#include "embedded/fixture.hpp"
#include "embedded/registry.hpp"

namespace loopstate::embedded {
namespace {

namespace asio = boost::asio;
using table::WriteOutcome;

/// A store whose writer thread waits for as long as the test holds the file's write lock.
class Writing : public testing::Test {
 protected:
  /// From here on there is a write in progress (of the item "blocker") that the writer thread cannot begin,
  /// and others gather behind it.
  std::future<Result<WriteOutcome>> hold() {
    auto write = engine->environment().write();
    EXPECT_TRUE(write);
    held.emplace(std::move(*write));
    // A write before this one may have been answered but not have ended yet.
    while (engine->writer().state() == Writer::State::Writing) std::this_thread::yield();
    auto out = start_put("blocker");
    while (engine->writer().state() != Writer::State::Writing) std::this_thread::yield();
    return out;
  }
  void release() { held.reset(); }

  std::future<Result<WriteOutcome>> start_put(const std::string& sk, Deadline deadline = Deadline::max(),
                                              std::size_t bytes = 1) {
    table::Put put{item_of("p", sk, {{"data", std::string(bytes, 'x')}}), {}};
    return asio::co_spawn(store.runner().executor(), store.table().put(std::move(put), {kNow, deadline}),
                          asio::use_future);
  }

  static EmbeddedOptions options_with(const std::string& path, std::size_t max_waiting) {
    EmbeddedOptions out;
    out.path = path;
    out.max_waiting_writes = max_waiting;
    return out;
  }

  void await_waiting(std::size_t count) {
    while (engine->writer().waiting() < count) std::this_thread::yield();
  }

  Folder folder;
  Opened store{options_with(folder.file(), 64)};
  std::shared_ptr<Engine> engine = shared_engine(Opened::options_for(folder.file())).value();
  std::optional<Environment::Write> held;
};

TEST_F(Writing, WritesThatGatheredShareACommit) {
  auto blocker = hold();
  std::vector<std::future<Result<WriteOutcome>>> writes;
  for (int i = 0; i < 32; ++i) writes.push_back(start_put(std::to_string(i)));
  await_waiting(32);
  release();
  for (auto& write : writes) EXPECT_TRUE(value_or_fail(write.get()).applied);
  EXPECT_TRUE(value_or_fail(blocker.get()).applied);
  const auto counters = store.counters();
  EXPECT_EQ(counters.writes, 33u);
  EXPECT_EQ(counters.commits, 2u);
  EXPECT_EQ(counters.largest_group, 32u);
}

/// LMDB leaves a record that its transaction wrote on the overflow pages that it has, even if fewer would do.
TEST_F(Writing, AnItemThatShrinksWithinACommitIsSoundAndCanBeChangedAfterwards) {
  for (const std::size_t last : {5000u, 1000u, 1u}) {
    auto blocker = hold();
    auto large = start_put("s", Deadline::max(), 9000);
    await_waiting(1);
    auto small = start_put("s", Deadline::max(), last);
    await_waiting(2);
    release();
    EXPECT_TRUE(value_or_fail(large.get()).applied && value_or_fail(small.get()).applied);
    value_or_fail(blocker.get());
    EXPECT_EQ(store.counters().largest_group, 2u);
    const auto found = value_or_fail(store.get("p", "s"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->attributes.find("data")->string()->size(), last);
    const auto findings = value_or_fail(store.runner().run(store.table().inspect(store.call())));
    EXPECT_TRUE(findings.empty()) << findings.front().detail;
    ASSERT_TRUE(store.erase("p", "s"));
  }
}

TEST_F(Writing, AWriteAloneIsCommittedAlone) {
  for (int i = 0; i < 5; ++i) value_or_fail(store.put(item_of("p", std::to_string(i))));
  EXPECT_EQ(store.counters().commits, 5u);
  EXPECT_EQ(store.counters().largest_group, 1u);
}

TEST_F(Writing, ADeadlineThatComesWhileTheWriteWaitsWritesNothing) {
  auto blocker = hold();
  auto late = start_put("late", std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  const auto outcome = late.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::DeadlineExceeded);
  release();
  EXPECT_TRUE(value_or_fail(blocker.get()).applied);
  value_or_fail(store.put(item_of("p", "after")));
  EXPECT_EQ(value_or_fail(store.get("p", "late")), std::nullopt);
}

TEST_F(Writing, ADeadlineInThePastIsNotBegun) {
  const auto outcome = start_put("late", std::chrono::steady_clock::now()).get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(store.counters().commits, 0u);
}

TEST_F(Writing, ACancelledWriteThatWaitsWritesNothing) {
  auto blocker = hold();
  asio::io_context context;
  asio::cancellation_signal signal;
  std::optional<Result<WriteOutcome>> outcome;
  asio::co_spawn(
      context, store.table().put({item_of("p", "cancelled"), {}}, {kNow, Deadline::max()}),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure, Result<WriteOutcome> got) {
        EXPECT_FALSE(failure);
        outcome = std::move(got);
      }));
  context.poll();
  ASSERT_FALSE(outcome);
  signal.emit(asio::cancellation_type::terminal);
  context.restart();
  context.run();
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, ErrorCode::Cancelled);
  release();
  EXPECT_TRUE(value_or_fail(blocker.get()).applied);
  value_or_fail(store.put(item_of("p", "after")));
  EXPECT_EQ(value_or_fail(store.get("p", "cancelled")), std::nullopt);
}

TEST_F(Writing, ACallersContextMayGoWhileItsWriteWaits) {
  auto blocker = hold();
  {
    asio::io_context context;
    asio::co_spawn(context, store.table().put({item_of("p", "orphan"), {}}, {kNow, Deadline::max()}),
                   [](std::exception_ptr, Result<WriteOutcome>) { FAIL() << "nobody is there to be told"; });
    context.poll();
  }
  release();
  EXPECT_TRUE(value_or_fail(blocker.get()).applied);
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "after"))).applied);
}

TEST_F(Writing, AFullQueueThrottles) {
  auto blocker = hold();
  std::vector<std::future<Result<WriteOutcome>>> writes;
  for (int i = 0; i < 64; ++i) writes.push_back(start_put(std::to_string(i)));
  await_waiting(64);
  const auto refused = start_put("one too many").get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Throttled);
  EXPECT_TRUE(refused.error().retryable);
  release();
  for (auto& write : writes) EXPECT_TRUE(value_or_fail(write.get()).applied);
  EXPECT_TRUE(value_or_fail(blocker.get()).applied);
}

TEST_F(Writing, OneBadWriteDoesNotHurtItsGroup) {
  value_or_fail(store.put(item_of("p", "text", {{"n", table::Value("a")}})));
  auto blocker = hold();
  auto good = start_put("good");
  auto bad = asio::co_spawn(
      store.runner().executor(),
      store.table().update(
          {{"p", "text"}, {table::Change::add("n", table::Value::number(std::int64_t{1}))}, {}},
          {kNow, Deadline::max()}),
      asio::use_future);
  auto also_good = start_put("also good");
  await_waiting(3);
  release();
  EXPECT_TRUE(value_or_fail(good.get()).applied);
  EXPECT_TRUE(value_or_fail(also_good.get()).applied);
  const auto outcome = bad.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::InvalidArgument);
}

// The decisions, without thread and file.

class Told final : public Resumption {
 public:
  explicit Told(int& times) : times_(times) {}
  void post(std::unique_ptr<Resumption>) override { ++times_; }

 private:
  int& times_;
};

TEST(PendingWrite, IsAnsweredOnce) {
  int told = 0;
  PendingWrite write{WriteRequest{}};
  write.expect(std::make_unique<Told>(told), nullptr);
  EXPECT_TRUE(write.begin());
  write.finish();
  write.finish();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(write.give_up(PendingWrite::GiveUpReason::Deadline), nullptr);
  EXPECT_EQ(write.stage(), PendingWrite::Stage::Finished);
}

TEST(PendingWrite, ADeadlineWhileItRunsLeavesTheOutcomeUnknown) {
  int told = 0;
  PendingWrite write{WriteRequest{}};
  write.expect(std::make_unique<Told>(told), nullptr);
  EXPECT_TRUE(write.begin());
  EXPECT_NE(write.give_up(PendingWrite::GiveUpReason::Deadline), nullptr);
  EXPECT_EQ(write.stage(), PendingWrite::Stage::Abandoned);
  write.finish();
  EXPECT_EQ(told, 0);
}

TEST(PendingWrite, ACancellationWhileItRunsWaitsForTheAnswer) {
  int told = 0;
  PendingWrite write{WriteRequest{}};
  write.expect(std::make_unique<Told>(told), nullptr);
  EXPECT_TRUE(write.begin());
  EXPECT_EQ(write.give_up(PendingWrite::GiveUpReason::Cancelled), nullptr);
  write.finish();
  EXPECT_EQ(told, 1);
}

TEST(PendingWrite, OneThatWasGivenUpIsNotBegun) {
  int told = 0;
  PendingWrite write{WriteRequest{}};
  write.expect(std::make_unique<Told>(told), nullptr);
  EXPECT_NE(write.give_up(PendingWrite::GiveUpReason::Cancelled), nullptr);
  EXPECT_FALSE(write.begin());
}

TEST(PendingWrite, OneThatWaitsAgainMayBeGivenUp) {
  int told = 0;
  PendingWrite write{WriteRequest{}};
  write.expect(std::make_unique<Told>(told), nullptr);
  EXPECT_TRUE(write.begin());
  write.requeue();
  EXPECT_NE(write.give_up(PendingWrite::GiveUpReason::Deadline), nullptr);
  EXPECT_EQ(write.stage(), PendingWrite::Stage::GivenUp);
}

/// What holds at the moment when the waiter is told.
class Asked final : public Resumption {
 public:
  explicit Asked(std::function<void()> ask) : ask_(std::move(ask)) {}
  void post(std::unique_ptr<Resumption>) override { ask_(); }

 private:
  std::function<void()> ask_;
};

TEST(PendingWrite, TheWaiterMayGoOnBeforeTheWriterHasReturnedFromTellingIt) {
  PendingWrite write{WriteRequest{}};
  std::optional<PendingWrite::Stage> seen;
  write.expect(std::make_unique<Asked>([&] { std::thread([&] { seen = write.stage(); }).join(); }), nullptr);
  EXPECT_TRUE(write.begin());
  write.finish();
  EXPECT_EQ(seen, PendingWrite::Stage::Finished);
}

TEST(PendingWrite, ItsContextCannotGoWhileTheWriterTellsTheWaiter) {
  PendingWrite write{WriteRequest{}};
  const auto posting = std::make_shared<PostingLock>();
  const auto may_go = [&] {
    bool out = false;
    std::thread([&] { out = std::unique_lock(*posting, std::try_to_lock).owns_lock(); }).join();
    return out;
  };
  std::optional<bool> while_telling;
  write.expect(std::make_unique<Asked>([&] { while_telling = may_go(); }), posting);
  EXPECT_TRUE(write.begin());
  write.finish();
  EXPECT_EQ(while_telling, false);
  EXPECT_TRUE(may_go());
}

}  // namespace
}  // namespace loopstate::embedded
