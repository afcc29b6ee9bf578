// What one call does with its attempts, on a sender that answers from a list.
#include "dynamodb/caller.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dynamodb/listed_sender.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

namespace {

constexpr Timestamp kTime{std::chrono::seconds{1'795'594'753}};
constexpr std::string_view kDate = "Wed, 25 Nov 2026 08:19:13 GMT";

struct SetClock final : Clock {
  Timestamp time = kTime;
  Timestamp now() const override { return time; }
};

http::ClientReply at_time(http::ClientReply reply, std::string_view date) {
  reply.add_header("Date", date);
  return reply;
}

}  // namespace

class CallerTest : public testing::Test {
 protected:
  CallOutcome call(Operation operation, std::chrono::milliseconds time = std::chrono::seconds(20)) {
    return runner.run(caller.call(operation, "{}", std::chrono::steady_clock::now() + time));
  }
  CallerSettings settings() const {
    CallerSettings out;
    out.clock = &clock;
    out.random = [] { return 0.0; };  // nothing is waited for
    out.token.now = [this] { return instant; };
    return out;
  }
  /// The machine is frozen while an attempt is under way.
  void freeze(std::chrono::minutes time) { instant.since_boot += time; }

  SetClock clock;
  Instant instant{std::chrono::hours(1), {}};
  std::shared_ptr<ListedSender> sender = std::make_shared<ListedSender>();
  Caller caller{sender, settings()};
  table::Runner runner{1};
};

TEST_F(CallerTest, AnAnswerTakesOneRequest) {
  sender->answers.push_back(reply(200, R"({"a":1})"));
  EXPECT_EQ(call(Operation::GetItem).value(), R"({"a":1})");
  EXPECT_EQ(caller.requests_sent(), 1u);
  EXPECT_EQ(sender->attempts[0].number, 1u);
  EXPECT_EQ(sender->attempts[0].of, 4u);
}

TEST_F(CallerTest, AttemptsAreCountedAndTiedTogether) {
  sender->answers = {service_error("InternalServerError", 500), service_error("ThrottlingException"),
                     reply(200, "{}")};
  EXPECT_TRUE(call(Operation::GetItem));
  ASSERT_EQ(sender->attempts.size(), 3u);
  EXPECT_EQ(sender->attempts[2].number, 3u);
  EXPECT_EQ(sender->attempts[0].invocation_id, sender->attempts[2].invocation_id);
  EXPECT_EQ(sender->attempts[2].body, "{}");
  EXPECT_EQ(caller.requests_sent(), 3u);
}

TEST_F(CallerTest, ARefusalIsNotTriedAgain) {
  sender->answers = {service_error("ConditionalCheckFailedException")};
  const auto outcome = call(Operation::PutItem);
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().refused);
  EXPECT_EQ(sender->attempts.size(), 1u);
}

TEST_F(CallerTest, ExpiredCredentialsAreRefreshedOnce) {
  sender->answers = {service_error("ExpiredTokenException"), reply(200, "{}")};
  EXPECT_TRUE(call(Operation::GetItem));
  EXPECT_EQ(sender->refreshed, 1);
  sender->answers = {service_error("ExpiredTokenException"), service_error("ExpiredTokenException"),
                     reply(200, "{}")};
  const auto outcome = call(Operation::GetItem);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::CredentialsExpired);
}

TEST_F(CallerTest, AWrongClockIsCorrectedByTheServicesOnce) {
  sender->answers = {at_time(service_error("InvalidSignatureException"), kDate), reply(200, "{}")};
  clock.time = kTime + 3600s;
  EXPECT_TRUE(call(Operation::GetItem));
  EXPECT_EQ(sender->attempts.at(0).clock_offset, 0s);
  EXPECT_NEAR(static_cast<double>(sender->attempts.at(1).clock_offset.count()), -3600, 1);
  const auto another_day =
      at_time(service_error("InvalidSignatureException"), "Fri, 01 Jan 2027 00:00:00 GMT");
  sender->answers = {another_day, at_time(service_error("InvalidSignatureException"), kDate),
                     reply(200, "{}")};
  const auto outcome = call(Operation::GetItem);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::ClockSkew);
}

TEST_F(CallerTest, ACorrectionGoesWithTheWrongClockAndNoCallFailsForIt) {
  clock.time = kTime + 3600s;
  sender->answers = {at_time(service_error("InvalidSignatureException"), kDate), reply(200, "{}")};
  EXPECT_TRUE(call(Operation::GetItem));
  clock.time = kTime;  // fixed
  sender->answers = {at_time(service_error("InvalidSignatureException"), kDate),
                     at_time(reply(200, "{}"), kDate)};
  EXPECT_TRUE(call(Operation::GetItem));
  EXPECT_EQ(sender->attempts.back().clock_offset, 0s);
  EXPECT_EQ(caller.clock().offset(), 0s);
}

TEST_F(CallerTest, AReplyToATakenSignatureShowsAClockThatIsWrongByMinutes) {
  clock.time = kTime - 800s;
  sender->answers = {at_time(reply(200, "{}"), kDate)};
  EXPECT_TRUE(call(Operation::GetItem));
  EXPECT_NEAR(static_cast<double>(caller.clock().offset().count()), 800, 1);
  clock.time = kTime + 800s;
  sender->answers = {at_time(service_error("ValidationException"), kDate)};
  EXPECT_FALSE(call(Operation::GetItem));
  EXPECT_NEAR(static_cast<double>(caller.clock().offset().count()), -800, 1);
}

TEST_F(CallerTest, ADateThatATakenSignatureContradictsMovesNoClock) {
  clock.time = kTime;
  for (const auto* date :
       {"Wed, 25 Nov 2026 09:19:13 GMT", "Thu, 25 Nov 2027 08:19:13 GMT", "Thu, 01 Jan 2015 00:00:00 GMT"}) {
    sender->answers = {at_time(reply(200, "{}"), date)};
    EXPECT_TRUE(call(Operation::GetItem));
    EXPECT_EQ(caller.clock().offset(), 0s) << date;
    EXPECT_NE(caller.last_difference(), 0s) << "doctor tells all the same";
  }
}

TEST_F(CallerTest, AReplyThatIsNotTheServicesOwnMovesNoClock) {
  clock.time = kTime - 600s;
  sender->answers = {at_time(reply(502, "<html>"), kDate), reply(200, "{}")};
  EXPECT_TRUE(call(Operation::GetItem));
  EXPECT_EQ(caller.clock().offset(), 0s);
}

TEST_F(CallerTest, AWriteThatWasSentAndNotAnsweredIsUnknown) {
  for (int at = 0; at < 4; ++at) sender->answers.push_back(lost(true));
  const auto outcome = call(Operation::PutItem);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(outcome.error().error.retryable);
}

TEST_F(CallerTest, AWriteThatWasNeverSentFailed) {
  for (int at = 0; at < 4; ++at) sender->answers.push_back(lost(false));
  EXPECT_EQ(call(Operation::PutItem).error().error.code, ErrorCode::ConnectionFailed);
}

TEST_F(CallerTest, AReadThatWasNotAnsweredFailed) {
  for (int at = 0; at < 4; ++at) sender->answers.push_back(lost(true));
  EXPECT_EQ(call(Operation::GetItem).error().error.code, ErrorCode::ConnectionFailed);
}

TEST_F(CallerTest, OneUnansweredAttemptMakesAWriteUnknownWhateverFollows) {
  sender->answers = {lost(true), service_error("AccessDeniedException")};
  EXPECT_EQ(call(Operation::UpdateItem).error().error.code, ErrorCode::OutcomeUnknown);
}

TEST_F(CallerTest, ARefusalAfterAnUnansweredAttemptIsARefusal) {
  sender->answers = {lost(true), service_error("ConditionalCheckFailedException")};
  EXPECT_TRUE(call(Operation::UpdateItem).error().refused);
}

TEST_F(CallerTest, ARefusalAfterAnUnansweredAttemptSaysThatTheWriteMayHaveBeenDone) {
  sender->answers = {lost(true), service_error("ConditionalCheckFailedException")};
  EXPECT_TRUE(call(Operation::UpdateItem).error().maybe_done);
  sender->answers = {lost(false), service_error("ConditionalCheckFailedException")};
  EXPECT_FALSE(call(Operation::UpdateItem).error().maybe_done);
}

TEST_F(CallerTest, ASilentSecondSendingCountsLikeAnAttemptThatWasNotAnswered) {
  http::ClientReply throttled = service_error("ThrottlingException");
  throttled.sent_before = true;
  sender->answers = {throttled, service_error("ThrottlingException"), service_error("ThrottlingException"),
                     service_error("ThrottlingException")};
  EXPECT_EQ(call(Operation::PutItem).error().error.code, ErrorCode::OutcomeUnknown);
}

TEST_F(CallerTest, ADeadlineAfterAnUnansweredAttemptLeavesItUnknown) {
  http::ClientReply throttled = service_error("ThrottlingException");
  throttled.add_header("x-amz-retry-after", "4000");
  sender->answers = {lost(true), throttled};
  EXPECT_EQ(call(Operation::PutItem, std::chrono::milliseconds(2000)).error().error.code,
            ErrorCode::OutcomeUnknown);
}

TEST_F(CallerTest, ATransactionIsNotRepeatedOnceItsTokenMayHaveBeenForgotten) {
  sender->answers = {lost(true), reply(200, "{}")};
  sender->before_answer = [this] { freeze(15min); };
  const auto outcome = call(Operation::TransactWriteItems);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(outcome.error().maybe_done);
  EXPECT_EQ(sender->attempts.size(), 1u);
}

TEST_F(CallerTest, TheTokensAgeIsThatOfTheFirstSendingThatMayHaveBeenDone) {
  sender->answers = {service_error("ThrottlingException"), lost(true), lost(true), reply(200, "{}")};
  sender->before_answer = [this] { freeze(6min); };
  EXPECT_EQ(call(Operation::TransactWriteItems).error().error.code, ErrorCode::OutcomeUnknown);
  EXPECT_EQ(sender->attempts.size(), 3u) << "after 6, 12 and 18 minutes, of which the first 6 do not count";
}

TEST_F(CallerTest, TheTokensAgeIsAskedForOnceThePauseIsOver) {
  sender->answers = {lost(true), reply(200, "{}")};
  CallerSettings waiting = settings();
  waiting.random = [this] {  // asked when the pause begins
    freeze(15min);
    return 0.0;
  };
  Caller other(sender, waiting);
  const auto outcome = runner.run(other.call(Operation::TransactWriteItems, "{}", Deadline::max()));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::OutcomeUnknown);
  EXPECT_EQ(sender->attempts.size(), 1u);
}

TEST_F(CallerTest, ATransactionThatWasNeverDoneIsRepeatedAfterAnyTime) {
  sender->answers = {lost(false), service_error("ThrottlingException"), reply(200, "{}")};
  sender->before_answer = [this] { freeze(15min); };
  EXPECT_TRUE(call(Operation::TransactWriteItems));
}

TEST_F(CallerTest, WhatRestsOnNoTokenIsRepeatedAfterAnyTime) {
  sender->before_answer = [this] { freeze(15min); };
  for (const Operation operation : {Operation::GetItem, Operation::PutItem, Operation::BatchWriteItem}) {
    sender->answers = {lost(true), reply(200, "{}")};
    EXPECT_TRUE(call(operation));
    EXPECT_EQ(sender->attempts.back().may_send, nullptr);
  }
}

TEST_F(CallerTest, AnAttemptsSecondSendingIsJudgedByTheTokensAgeToo) {
  sender->answers = {reply(200, "{}")};
  std::vector<bool> may;
  sender->before_answer = [this, &may] {
    may.push_back(sender->attempts.back().may_send());
    freeze(15min);
    may.push_back(sender->attempts.back().may_send());
  };
  EXPECT_TRUE(call(Operation::TransactWriteItems));
  EXPECT_EQ(may, (std::vector<bool>{true, false}));
}

TEST_F(CallerTest, ATransactionThatWasSentElsewhereLongAgoIsNotSent) {
  const auto since = [this](std::chrono::minutes ago) {
    Instant out = instant;
    out.since_boot -= ago;
    return runner.run(caller.call(Operation::TransactWriteItems, "{}", Deadline::max(), out));
  };
  sender->answers = {reply(200, "{}")};
  EXPECT_EQ(since(15min).error().error.code, ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(sender->attempts.empty());
  EXPECT_TRUE(since(1min));
}

TEST_F(CallerTest, CredentialsThatAreNotThereAreNotAskedForAgain) {
  sender->answers.push_back(
      std::unexpected(http::ClientFailure{Error{ErrorCode::NoCredentials, "none", false, nullptr}, false}));
  EXPECT_EQ(call(Operation::PutItem).error().error.code, ErrorCode::NoCredentials);
  EXPECT_EQ(sender->attempts.size(), 1u);
}

TEST_F(CallerTest, APauseThatWouldPassTheDeadlineIsNotBegun) {
  http::ClientReply throttled = service_error("ThrottlingException");
  throttled.add_header("x-amz-retry-after", "4000");
  sender->answers = {throttled, reply(200, "{}")};
  const auto outcome = call(Operation::GetItem, std::chrono::milliseconds(2000));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::Throttled);
  EXPECT_EQ(sender->attempts.size(), 1u);
}

TEST_F(CallerTest, AForkedChildSendsNothingOnItsParentsConnections) {
  sender->answers.emplace_back(reply(200, "{}"));
  const pid_t child = ::fork();
  if (child == 0) {
    table::Runner own{1};
    const auto refused = own.run(caller.call(Operation::GetItem, "{}", Deadline::max()));
    const bool told = !refused && refused.error().error.code == ErrorCode::StorageFailure;
    ::_exit(told && sender->attempts.empty() ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(call(Operation::GetItem));
}

}  // namespace loopstate::dynamodb
