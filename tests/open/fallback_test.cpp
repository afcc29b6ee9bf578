#include "open/dynamodb/fallback.hpp"

#include <gtest/gtest.h>

namespace loopstate::engines {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using News = Fallback::News;
using Verdict = Fallback::Verdict;

constexpr Deadline kNow{seconds(1'000)};

Verdict judge(ErrorCode code, bool retryable = true) {
  return Fallback::judge(Error{code, "", retryable, nullptr}, true);
}

TEST(Fallback, TheClusterHasHalfOfTheTimeThatIsLeft) {
  EXPECT_EQ(Fallback::limit(kNow, kNow + seconds(10)), kNow + seconds(5));
  EXPECT_EQ(Fallback::limit(kNow, Deadline::max()), Deadline::max());
  EXPECT_EQ(Fallback::limit(kNow, kNow - seconds(1)), kNow - seconds(1));
}

TEST(Fallback, AClusterThatIsNotReachedOrDoesNotAnswerInTimeIsAway) {
  for (const auto code : {ErrorCode::ConnectionFailed, ErrorCode::NameResolutionFailed,
                          ErrorCode::DeadlineExceeded, ErrorCode::TlsFailed, ErrorCode::ProtocolError}) {
    EXPECT_EQ(judge(code), Verdict::NotDone) << to_string(code);
  }
}

TEST(Fallback, AWriteWhoseReplyWasLostMayHaveBeenDone) {
  EXPECT_EQ(judge(ErrorCode::OutcomeUnknown), Verdict::Unknown);
}

TEST(Fallback, WhatTheTableWouldAnswerTooStays) {
  for (const auto code : {ErrorCode::InvalidArgument, ErrorCode::ItemTooLarge, ErrorCode::TableNotFound,
                          ErrorCode::Throttled, ErrorCode::Unavailable, ErrorCode::Cancelled}) {
    EXPECT_EQ(judge(code), Verdict::Stays) << to_string(code);
  }
}

TEST(Fallback, WhatAPersonHasToMendStays) {
  EXPECT_EQ(judge(ErrorCode::AccessDenied, false), Verdict::Stays);
  EXPECT_EQ(judge(ErrorCode::NoCredentials, false), Verdict::Stays);
  EXPECT_EQ(judge(ErrorCode::TlsFailed, false), Verdict::Stays) << "a certificate for another name";
  EXPECT_EQ(judge(ErrorCode::ProtocolError, false), Verdict::Stays) << "an endpoint that is no cluster";
}

TEST(Fallback, WithTheCallsOwnTimeOverItsErrorStays) {
  EXPECT_EQ(Fallback::judge(Error{ErrorCode::OutcomeUnknown, "", true, nullptr}, false), Verdict::Stays);
}

TEST(Fallback, ThatTheClusterIsAwayAndBackIsNewsOnce) {
  Fallback fallback;
  const Deadline now{std::chrono::hours(5)};
  EXPECT_EQ(fallback.answered(now), News::None);
  EXPECT_EQ(fallback.fell_back(now), News::Away);
  EXPECT_EQ(fallback.fell_back(now), News::None);
  EXPECT_EQ(fallback.answered(now + kQuiet), News::Back);
  EXPECT_EQ(fallback.answered(now + kQuiet), News::None);
}

TEST(Fallback, AClusterThatAnswersSomeCallsAndNotOthersIsAwayAllTheTime) {
  Fallback fallback;
  Deadline now{std::chrono::hours(5)};
  EXPECT_EQ(fallback.fell_back(now), News::Away);
  for (int round = 0; round < 10; ++round) {
    now += kQuiet / 2;
    EXPECT_EQ(fallback.answered(now), News::None);
    EXPECT_EQ(fallback.fell_back(now), News::None);
  }
  EXPECT_EQ(fallback.answered(now + kQuiet), News::Back);
}

TEST(Fallback, WhetherTheClockIsWrongIsAskedOnceAMinute) {
  using Suspect = Fallback::Suspect;
  Fallback fallback;
  const Deadline now{std::chrono::hours(5)};
  EXPECT_EQ(fallback.suspect(now), Suspect::Ask);
  EXPECT_EQ(fallback.suspect(now + std::chrono::seconds(59)), Suspect::Credentials);
  EXPECT_EQ(fallback.suspect(now + std::chrono::seconds(60)), Suspect::Ask);
}

TEST(Fallback, AfterAClockWasCorrectedRefusalsAreItsForAWhile) {
  using Suspect = Fallback::Suspect;
  Fallback fallback;
  const Deadline now{std::chrono::hours(5)};
  EXPECT_EQ(fallback.suspect(now), Suspect::Ask);
  fallback.corrected_clock(now);
  EXPECT_EQ(fallback.suspect(now + std::chrono::seconds(9)), Suspect::CorrectedClock);
  EXPECT_EQ(fallback.suspect(now + std::chrono::seconds(11)), Suspect::Credentials);
}

}  // namespace
}  // namespace loopstate::engines
