#include "agent/retry.hpp"

namespace loopstate::agent {
namespace {

using std::chrono::milliseconds;

Error error_of(ErrorCode code, bool retryable = false) {
  return Error{code, "", retryable, nullptr};
}

TEST(Retry, OnlyWhatPassesIsTriedAgain) {
  const RetryPolicy policy;
  const milliseconds left(5000);
  EXPECT_TRUE(next_wait(policy, error_of(ErrorCode::Unavailable), 1, left, 0));
  EXPECT_TRUE(next_wait(policy, error_of(ErrorCode::Throttled), 1, left, 0));
  EXPECT_TRUE(next_wait(policy, error_of(ErrorCode::OutcomeUnknown), 1, left, 0));
  EXPECT_TRUE(next_wait(policy, error_of(ErrorCode::ConnectionFailed, true), 1, left, 0));
  EXPECT_FALSE(next_wait(policy, error_of(ErrorCode::CorruptItem), 1, left, 0));
  EXPECT_FALSE(next_wait(policy, error_of(ErrorCode::StorageFull), 1, left, 0));
}

TEST(Retry, WaitsGrowToTheCapAndAreJittered) {
  const RetryPolicy policy;
  const auto error = error_of(ErrorCode::Unavailable);
  const milliseconds left(60'000);
  EXPECT_EQ(next_wait(policy, error, 1, left, 1.0), milliseconds(50));
  EXPECT_EQ(next_wait(policy, error, 1, left, 0.0), milliseconds(0));
  EXPECT_EQ(next_wait(policy, error, 2, left, 1.0), milliseconds(100));
  EXPECT_EQ(next_wait(policy, error, 10, left, 1.0), milliseconds(2000));
  EXPECT_EQ(next_wait(policy, error, 10, left, 0.5), milliseconds(1000));
}

TEST(Retry, GivesUpWhenTheWaitWouldEatTheTime) {
  const RetryPolicy policy;
  const auto error = error_of(ErrorCode::Unavailable);
  EXPECT_TRUE(next_wait(policy, error, 1, milliseconds(290), 0.8));
  EXPECT_FALSE(next_wait(policy, error, 1, milliseconds(289), 0.8));
  EXPECT_FALSE(next_wait(policy, error, 1, milliseconds(-5), 0));
}

TEST(Retry, TriesAreBounded) {
  const RetryPolicy policy;
  const auto error = error_of(ErrorCode::Unavailable);
  EXPECT_TRUE(next_wait(policy, error, policy.tries_max - 1, milliseconds(60'000), 0));
  EXPECT_FALSE(next_wait(policy, error, policy.tries_max, milliseconds(60'000), 0));
}

TEST(Retry, WhatAnOperatorMendsIsDeliveredAgainAndWhatIsBrokenIsNot) {
  for (const auto code : {ErrorCode::Unavailable, ErrorCode::StorageFull, ErrorCode::AccessDenied,
                          ErrorCode::OutcomeUnknown, ErrorCode::DeadlineExceeded, ErrorCode::TableNotFound}) {
    EXPECT_EQ(outcome_of(code), Outcome::StoreBusy) << to_string(code);
  }
  for (const auto code : {ErrorCode::CorruptItem, ErrorCode::ItemTooLarge, ErrorCode::Internal,
                          ErrorCode::InvalidArgument, ErrorCode::StorageCorrupt}) {
    EXPECT_EQ(outcome_of(code), Outcome::Failed) << to_string(code);
  }
  EXPECT_EQ(outcome_of(ErrorCode::Erased), Outcome::UserErased);
  EXPECT_EQ(outcome_of(ErrorCode::CardLinkedElsewhere), Outcome::CardNotLinked);
}

TEST(Retry, EachProviderIsAnsweredWithinItsOwnLimit) {
  EXPECT_LT(time_limit(Source::Square), std::chrono::seconds(10));
  EXPECT_LT(time_limit(Source::Fidel), std::chrono::seconds(20));
  EXPECT_LE(time_limit(Source::Stripe), std::chrono::seconds(10));
}

}  // namespace
}  // namespace loopstate::agent
