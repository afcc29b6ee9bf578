#include "table/service/retry.hpp"

#include <gtest/gtest.h>

namespace loopstate::table::service {

using std::chrono::milliseconds;

class RetryTest : public testing::Test {
 protected:
  RetrySettings settings;
  RetryBudget budget;
};

TEST_F(RetryTest, ATransientFailureIsTriedFourTimesFrom25Milliseconds) {
  Retry retry(settings, budget);
  EXPECT_EQ(retry.failed(Again::Transient, {}, 1.0).delay, milliseconds(25));
  EXPECT_EQ(retry.failed(Again::Transient, {}, 1.0).delay, milliseconds(50));
  EXPECT_EQ(retry.failed(Again::Transient, {}, 1.0).delay, milliseconds(100));
  EXPECT_FALSE(retry.failed(Again::Transient, {}, 1.0).again);
}

TEST_F(RetryTest, AThrottledOneBeginsWithASecond) {
  Retry retry(settings, budget);
  EXPECT_EQ(retry.failed(Again::Throttling, {}, 1.0).delay, milliseconds(1000));
  EXPECT_EQ(retry.failed(Again::Throttling, {}, 1.0).delay, milliseconds(2000));
}

TEST_F(RetryTest, TheJitterIsFull) {
  Retry retry(settings, budget);
  EXPECT_EQ(retry.failed(Again::Throttling, {}, 0.0).delay, milliseconds(0));
  EXPECT_EQ(retry.failed(Again::Throttling, {}, 0.5).delay, milliseconds(1000));
}

TEST_F(RetryTest, NoDelayIsOver20Seconds) {
  settings.attempts_max = 20;
  Retry retry(settings, budget);
  milliseconds last{0};
  for (int at = 0; at < 10; ++at) last = retry.failed(Again::Throttling, {}, 1.0).delay;
  EXPECT_EQ(last, milliseconds(20'000));
}

TEST_F(RetryTest, TheServicesHintHoldsWithin5SecondsOfOurOwn) {
  settings.attempts_max = 10;
  Retry retry(settings, budget);
  EXPECT_EQ(retry.failed(Again::Throttling, milliseconds(3000), 1.0).delay, milliseconds(3000));
  EXPECT_EQ(retry.failed(Again::Throttling, milliseconds(0), 1.0).delay, milliseconds(2000));
  EXPECT_EQ(retry.failed(Again::Throttling, milliseconds(60'000), 1.0).delay, milliseconds(9000));
}

TEST_F(RetryTest, OneAttemptIsOne) {
  settings.attempts_max = 1;
  for (const Again why :
       {Again::Transient, Again::Throttling, Again::Conflict, Again::Credentials, Again::Clock}) {
    Retry retry(settings, budget);
    EXPECT_FALSE(retry.failed(why, {}, 0).again);
  }
}

TEST_F(RetryTest, AConflictIsTriedMoreOften) {
  Retry retry(settings, budget);
  int attempts = 1;
  while (retry.failed(Again::Conflict, {}, 0).again) ++attempts;
  EXPECT_EQ(attempts, 12);
}

TEST_F(RetryTest, OneUsersConflictsLeaveTheOthersTheirRetries) {
  for (int call = 0; call < 1000; ++call) {
    Retry retry(settings, budget);
    while (retry.failed(Again::Conflict, {}, 0).again) {
    }
  }
  EXPECT_EQ(budget.tokens(), 500);
}

TEST_F(RetryTest, ConflictsAreRetriedWhileOthersHaveSpentTheBudget) {
  budget.take(500);
  Retry retry(settings, budget);
  EXPECT_TRUE(retry.failed(Again::Conflict, {}, 0).again);
}

TEST_F(RetryTest, AConflictAfterAPassingFailureDoesNotKeepItsTokens) {
  Retry retry(settings, budget);
  retry.failed(Again::Transient, {}, 0);
  retry.failed(Again::Conflict, {}, 0);
  retry.answered();
  EXPECT_EQ(budget.tokens(), 500);
}

TEST_F(RetryTest, CredentialsAreRefreshedOnceAndAtOnce) {
  Retry retry(settings, budget);
  const Retry::Decision first = retry.failed(Again::Credentials, {}, 1.0);
  EXPECT_TRUE(first.again && first.refresh_credentials);
  EXPECT_EQ(first.delay, milliseconds(0));
  EXPECT_FALSE(retry.failed(Again::Credentials, {}, 1.0).again);
}

TEST_F(RetryTest, TheClockIsCorrectedOnce) {
  Retry retry(settings, budget);
  const Retry::Decision first = retry.failed(Again::Clock, {}, 1.0);
  EXPECT_TRUE(first.again);
  EXPECT_EQ(first.delay, milliseconds(0));
  EXPECT_FALSE(retry.failed(Again::Clock, {}, 1.0).again);
}

TEST_F(RetryTest, WhatCannotHelpIsNotTried) {
  Retry retry(settings, budget);
  EXPECT_FALSE(retry.failed(Again::Never, milliseconds(1), 0).again);
  EXPECT_EQ(budget.tokens(), 500);
}

TEST_F(RetryTest, ARetryCosts14OrAThrottledOne5) {
  Retry transient(settings, budget);
  transient.failed(Again::Transient, {}, 0);
  EXPECT_EQ(budget.tokens(), 486);
  Retry throttled(settings, budget);
  throttled.failed(Again::Throttling, {}, 0);
  EXPECT_EQ(budget.tokens(), 481);
}

TEST_F(RetryTest, ASuccessGivesBackWhatTheLastRetryTook) {
  Retry retry(settings, budget);
  retry.failed(Again::Transient, {}, 0);
  retry.failed(Again::Transient, {}, 0);
  retry.answered();
  EXPECT_EQ(budget.tokens(), 486);
}

TEST_F(RetryTest, ASuccessAtOnceGivesOneUpTo500) {
  budget.take(10);
  Retry(settings, budget).answered();
  EXPECT_EQ(budget.tokens(), 491);
  budget.give(100);
  EXPECT_EQ(budget.tokens(), 500);
}

TEST_F(RetryTest, WithoutTokensThereIsNoRetry) {
  budget.take(490);
  Retry transient(settings, budget);
  EXPECT_FALSE(transient.failed(Again::Transient, {}, 0).again);
  Retry throttled(settings, budget);
  EXPECT_TRUE(throttled.failed(Again::Throttling, {}, 0).again);
  EXPECT_EQ(budget.tokens(), 5);
}

TEST(RetrySettings, TheNumberOfAttemptsIsThatOfAwsTools) {
  const auto settings_with = [](std::string value) {
    return retry_settings([value](std::string_view name) -> std::optional<std::string> {
      return name == "AWS_MAX_ATTEMPTS" ? std::optional(value) : std::nullopt;
    });
  };
  EXPECT_EQ(settings_with("7")->attempts_max, 7u);
  EXPECT_EQ(settings_with("")->attempts_max, RetrySettings().attempts_max);
  for (const char* wrong : {"0", "101", "-1", "x", "3 "}) {
    EXPECT_EQ(settings_with(wrong).error().code, ErrorCode::InvalidArgument) << wrong;
  }
}
}  // namespace loopstate::table::service
