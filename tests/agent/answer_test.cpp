#include "agent/answer.hpp"

namespace loopstate::agent {
namespace {

using webhook::Refusal;
using webhook::RefusalKind;

Effect effect_with(Outcome outcome) {
  Effect effect;
  effect.outcome = outcome;
  return effect;
}

TEST(Answer, WhatARepetitionCannotChangeIsAcknowledged) {
  for (const auto outcome :
       {Outcome::Recorded, Outcome::Duplicate, Outcome::UnknownCard, Outcome::RefundRecorded,
        Outcome::UnknownPayment, Outcome::CardLinked, Outcome::CardNotLinked, Outcome::Ignored,
        Outcome::TooOld, Outcome::UserErased}) {
    const auto answer = answer_of(effect_with(outcome));
    EXPECT_EQ(answer.status, 200) << to_string(outcome);
    EXPECT_FALSE(answer.retry_after);
  }
}

TEST(Answer, APassingFailureIs503WithRetryAfter) {
  auto effect = effect_with(Outcome::StoreBusy);
  effect.error = Error{ErrorCode::Throttled, "the table is throttled", true, nullptr};
  const auto answer = answer_of(effect);
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.retry_after);
  EXPECT_EQ(answer.body, R"({"outcome":"store_busy","error":"Throttled"})");
}

TEST(Answer, APaymentThatOnlyADoubtedClockCallsTooOldIsAskedForAgain) {
  const auto answer = answer_of(effect_with(Outcome::ClockDoubted));
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.retry_after);
  EXPECT_EQ(answer.body, R"({"outcome":"clock_doubted"})");
}

TEST(Answer, ALastingFailureIs500AndKeepsItsMessageToItself) {
  auto effect = effect_with(Outcome::Failed);
  effect.error = Error{ErrorCode::CorruptItem, "USER#U1 CONTEXT: version is no number", false, nullptr};
  const auto answer = answer_of(effect);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"outcome":"failed","error":"CorruptItem"})");
}

TEST(Answer, NamesTheCaptureButNotTheUser) {
  auto effect = effect_with(Outcome::Recorded);
  effect.user = "U1";
  effect.capture_id = "00000000001700000000#abc";
  effect.dropped = {"00000000001600000000#xyz"};
  EXPECT_EQ(answer_of(effect).body, R"({"outcome":"recorded","capture":"00000000001700000000#abc",)"
                                    R"("dropped":["00000000001600000000#xyz"]})");
}

TEST(Answer, RefusalsHaveTheirStatus) {
  EXPECT_EQ(answer_of(Refusal{RefusalKind::MissingHeader, ""}).status, 401);
  EXPECT_EQ(answer_of(Refusal{RefusalKind::MalformedHeader, ""}).status, 400);
  EXPECT_EQ(answer_of(Refusal{RefusalKind::BadSignature, ""}).status, 403);
  EXPECT_EQ(answer_of(Refusal{RefusalKind::StaleTimestamp, ""}).status, 403);
  EXPECT_EQ(answer_of(Refusal{RefusalKind::MalformedPayload, ""}).status, 422);
  EXPECT_EQ(answer_of(Refusal{RefusalKind::UnsupportedPayload, ""}).status, 422);
  EXPECT_EQ(answer_of(Refusal{RefusalKind::SwitchedOff, ""}).status, 503);
  EXPECT_EQ(too_large().status, 413);
}

TEST(Answer, AForgerLearnsNothing) {
  const auto bad = answer_of(Refusal{RefusalKind::BadSignature, "no secret of three matches"});
  const auto stale = answer_of(Refusal{RefusalKind::StaleTimestamp, "400 s old"});
  EXPECT_EQ(bad.body, R"({"outcome":"refused","error":"not_authentic"})");
  EXPECT_EQ(bad.body, stale.body);
  EXPECT_EQ(bad.status, stale.status);
}

}  // namespace
}  // namespace loopstate::agent
