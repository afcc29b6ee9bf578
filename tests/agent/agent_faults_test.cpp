// What the store's failures and races mean to the sender, and that none of them counts a payment twice or
// loses it.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "agent_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::HasSubstr;

TEST_F(AgentTest, ALostReplyIsCountedOnce) {
  link("sq0-card", "U1");
  model->lose_replies(1);
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.outcome, Outcome::Recorded);
  EXPECT_EQ(answer.retries, 1u);
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
  EXPECT_EQ(snapshot("U1").context->recent_events.size(), 1u);
}

TEST_F(AgentTest, ALostReplyOfAWarmCaptureIsCountedOnce) {
  link("sq0-card", "U1");
  handle(square(square_payment({.id = "a"})));
  model->lose_replies(1);
  EXPECT_EQ(handle(square(square_payment({.id = "b"}))).outcome, Outcome::Recorded);
  EXPECT_EQ(snapshot("U1").captures.size(), 2u);
}

TEST_F(AgentTest, AllRepliesLostIs503AndTheRedeliveryIsADuplicate) {
  link("sq0-card", "U1");
  model->lose_replies(1000);
  model->fail_reads(0);
  const auto answer = handle(square(square_payment({})));
  if (answer.outcome != Outcome::Recorded) {
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.retry_after);
  }
  model->lose_replies(0);
  const auto again = handle(square(square_payment({})));
  EXPECT_EQ(again.outcome, Outcome::Duplicate);
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
}

TEST_F(AgentTest, APassingFailureIsTriedAgainInside) {
  link("fidel-card", "U1");
  model->fail_reads(2, ErrorCode::Throttled);
  model->fail_writes(1);
  const auto answer =
      handle(fidel(webhook::FidelKind::Clearing, fidel_transaction("t1", "fidel-card", "5.44")));
  EXPECT_EQ(answer.outcome, Outcome::Recorded);
  EXPECT_EQ(answer.retries, 3u);
  EXPECT_EQ(pacer.waits(), 3u);
}

TEST_F(AgentTest, AStoreThatStaysDownIs503WithinTheProvidersLimitAndNothingIsLost) {
  link("sq0-card", "U1");
  model->fail_reads(1000);
  model->fail_writes(1000);
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.outcome, Outcome::StoreBusy);
  EXPECT_TRUE(answer.retry_after);
  EXPECT_LE(pacer.waited(), time_limit(Source::Square));
  EXPECT_GT(answer.retries, 3u);
  model->fail_reads(0);
  model->fail_writes(0);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Recorded);
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
}

TEST_F(AgentTest, TheCallersDeadlineEndsTheRetriesEarlier) {
  link("sq0-card", "U1");
  model->fail_reads(1000);
  const auto answer = runner.run(
      agent->handle(square(square_payment({})), "r1", pacer.now() + std::chrono::milliseconds(500)));
  EXPECT_EQ(answer.status, 503);
  EXPECT_LE(pacer.waited(), std::chrono::milliseconds(500));
}

TEST_F(AgentTest, AFullDiskIs503AndNothingIsLost) {
  link("sq0-card", "U1");
  model->fail_writes(1000, ErrorCode::StorageFull);
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(log_lines().back(), HasSubstr("\"error\":\"StorageFull\""));
  model->fail_writes(0);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Recorded);
}

TEST_F(AgentTest, ACorruptContextIs500AndTheLogNamesTheItem) {
  link("sq0-card", "U1");
  table::Item corrupt{{"USER#U1", "CONTEXT"}, {}};
  corrupt.attributes.set("context_data", "{not json");
  corrupt.attributes.set("version", table::Value::number(std::uint64_t{3}));
  corrupt.attributes.set("updated_at", table::Value::time(kNow));
  model->place(corrupt);
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.outcome, Outcome::Failed);
  EXPECT_THAT(log_lines().back(), HasSubstr("\"error\":\"CorruptItem\""));
  EXPECT_THAT(log_lines().back(), HasSubstr("USER#U1"));
  EXPECT_THAT(log_lines().back(), HasSubstr("\"level\":\"error\""));
}

TEST_F(AgentTest, SixteenDeliveriesOfOnePaymentAtOnceAreOneCapture) {
  link("sq0-card", "U1");
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 16; ++i) {
    answers.push_back(boost::asio::co_spawn(runner.executor(),
                                            agent->handle(square(square_payment({})), "r", Deadline::max()),
                                            boost::asio::use_future));
  }
  int recorded = 0;
  int duplicates = 0;
  for (auto& answer : answers) {
    const auto outcome = answer.get().outcome;
    recorded += outcome == Outcome::Recorded;
    duplicates += outcome == Outcome::Duplicate;
  }
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(duplicates, 15);
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
}

TEST_F(AgentTest, EightPaymentsOfOneUserAtOnceAreEightCaptures) {
  link("sq0-card", "U1");
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(boost::asio::co_spawn(
        runner.executor(),
        agent->handle(square(square_payment({.id = fmt::format("p{}", i)})), "r", Deadline::max()),
        boost::asio::use_future));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get().outcome, Outcome::Recorded);
  EXPECT_EQ(snapshot("U1").captures.size(), 8u);
  EXPECT_EQ(snapshot("U1").context->recent_events.size(), 8u);
}

TEST_F(AgentTest, HealthIsTheStores) {
  const auto soon = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  EXPECT_TRUE(runner.run(agent->check_store(soon)));
  pass_a_second();
  model->fail_writes(1);
  EXPECT_EQ(runner.run(agent->check_store(soon)).error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace loopstate::agent
