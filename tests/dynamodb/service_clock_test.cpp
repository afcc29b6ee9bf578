#include "dynamodb/service_clock.hpp"
#include "times.hpp"

#include <gtest/gtest.h>

namespace loopstate::dynamodb {

namespace {

constexpr Timestamp kServiceTime{std::chrono::seconds{1'795'594'753}};

/// A reply that took a second, on a machine whose clock is `ahead` of the service's.
Sighting prompt(std::chrono::seconds ahead) {
  return {kServiceTime + ahead, kServiceTime + ahead + 1s, kServiceTime};
}

}  // namespace

TEST(ServiceClockTest, AClockThatIsRightOrNearlySoIsLeftAlone) {
  for (const auto ahead : {0s, 1s, -1s, 60s, -60s, 119s, -119s}) {
    EXPECT_EQ(corrected_offset(0s, prompt(ahead)), 0s) << ahead.count();
  }
}

TEST(ServiceClockTest, AClockThatIsWrongByMinutesIsCorrected) {
  for (const std::chrono::seconds ahead : {200s, -200s, 86'400s, -86'400s, 400 * 86'400s}) {
    const std::chrono::seconds offset = corrected_offset(0s, prompt(ahead));
    EXPECT_LE(std::chrono::abs(offset + ahead), 1s) << ahead.count();
  }
}

TEST(ServiceClockTest, ACorrectionStaysWhileItFits) {
  EXPECT_EQ(corrected_offset(-200s, prompt(200s)), -200s);
  EXPECT_EQ(corrected_offset(-203s, prompt(200s)), -203s);
}

TEST(ServiceClockTest, ACorrectionFollowsAClockThatIsSetElsewhere) {
  EXPECT_LE(std::chrono::abs(corrected_offset(-200s, prompt(7200s)) + 7200s), 1s);
}

TEST(ServiceClockTest, ACorrectionGoesWithTheWrongClock) {
  EXPECT_EQ(corrected_offset(-3600s, prompt(0s)), 0s);
  EXPECT_EQ(corrected_offset(3600s, prompt(50s)), 0s);
}

TEST(ServiceClockTest, NeitherBeginsNorEndsAtOneBound) {
  EXPECT_EQ(corrected_offset(0s, prompt(100s)), 0s);
  EXPECT_LE(std::chrono::abs(corrected_offset(-200s, prompt(100s)) + 100s), 1s);
}

TEST(ServiceClockTest, AProcessThatWasFrozenWhileTheReplyCameLearnsNothing) {
  EXPECT_EQ(corrected_offset(0s, {kServiceTime, kServiceTime + 86'400s, kServiceTime}), 0s);
  EXPECT_EQ(corrected_offset(-3600s, {kServiceTime, kServiceTime + 86'400s, kServiceTime}), -3600s);
}

TEST(ServiceClockTest, AClockThatWasSetWhileTheReplyCameSaysNothing) {
  EXPECT_EQ(corrected_offset(-3600s, {kServiceTime + 3600s, kServiceTime + 1s, kServiceTime}), -3600s);
}

TEST(ServiceClockTest, ADateIsBelievedAsFarAsATakenSignatureAllows) {
  const auto taken = [](std::chrono::seconds ahead, std::chrono::seconds signed_offset) {
    return is_believable(prompt(ahead), signed_offset, Evidence::SignatureTaken);
  };
  EXPECT_TRUE(taken(900s, 0s));
  EXPECT_FALSE(taken(902s, 0s));
  EXPECT_FALSE(taken(-902s, 0s));
  EXPECT_TRUE(taken(7200s, -7200s));  // signed with the service's time
  EXPECT_TRUE(taken(0s, -7200s));     // the machine's clock was corrected
  EXPECT_FALSE(taken(7200s, 7200s));
}

TEST(ServiceClockTest, ARefusalForTheTimeIsBelievedWithinTheYearsThatAServiceCanBeAskedIn) {
  const auto refused = [](Timestamp date) {
    return is_believable({kServiceTime, kServiceTime, date}, 0s, Evidence::RefusedForTime);
  };
  EXPECT_TRUE(refused(kServiceTime + 400 * 24h));
  EXPECT_FALSE(refused(Timestamp{}));
  EXPECT_FALSE(refused(from_unix_seconds(1'735'689'599)));
  EXPECT_FALSE(refused(from_unix_seconds(4'102'444'800)));
}

TEST(ServiceClockTest, OneReplyOfASecondIsEnough) {
  ServiceClock clock(system_clock());
  EXPECT_TRUE(clock.wants(kServiceTime));
  clock.saw({kServiceTime, kServiceTime, kServiceTime});
  EXPECT_FALSE(clock.wants(kServiceTime));
  EXPECT_TRUE(clock.wants(kServiceTime + 1s));
}

}  // namespace loopstate::dynamodb
