#include "dynamodb/service_clock.hpp"

#include <gtest/gtest.h>

namespace loopstate::dynamodb {

namespace {

constexpr UnixSeconds kServiceTime = 1'795'594'753;

/// A reply that took a second, to a machine whose clock is `ahead` of the service's.
Sighting prompt(UnixSeconds ahead) {
  return {kServiceTime + ahead, kServiceTime + ahead + 1, kServiceTime};
}

}  // namespace

TEST(ServiceClockTest, AClockThatIsRightOrNearlySoIsLeftAlone) {
  for (const UnixSeconds ahead : {0, 1, -1, 60, -60, 119, -119}) {
    EXPECT_EQ(corrected_offset(0, prompt(ahead)), 0) << ahead;
  }
}

TEST(ServiceClockTest, AClockThatIsWrongByMinutesIsCorrected) {
  for (const UnixSeconds ahead : {200, -200, 86'400, -86'400, 400 * 86'400}) {
    const UnixSeconds offset = corrected_offset(0, prompt(ahead));
    EXPECT_LE(std::llabs(offset + ahead), 1) << ahead;
  }
}

TEST(ServiceClockTest, ACorrectionStaysWhileItFits) {
  EXPECT_EQ(corrected_offset(-200, prompt(200)), -200);
  EXPECT_EQ(corrected_offset(-203, prompt(200)), -203);
}

TEST(ServiceClockTest, ACorrectionFollowsAClockThatIsSetElsewhere) {
  EXPECT_LE(std::llabs(corrected_offset(-200, prompt(7200)) + 7200), 1);
}

TEST(ServiceClockTest, ACorrectionGoesWithTheWrongClock) {
  EXPECT_EQ(corrected_offset(-3600, prompt(0)), 0);
  EXPECT_EQ(corrected_offset(3600, prompt(50)), 0);
}

TEST(ServiceClockTest, NeitherBeginsNorEndsAtOneBound) {
  EXPECT_EQ(corrected_offset(0, prompt(100)), 0);
  EXPECT_LE(std::llabs(corrected_offset(-200, prompt(100)) + 100), 1);
}

TEST(ServiceClockTest, AProcessThatWasFrozenWhileTheReplyCameLearnsNothing) {
  EXPECT_EQ(corrected_offset(0, {kServiceTime, kServiceTime + 86'400, kServiceTime}), 0);
  EXPECT_EQ(corrected_offset(-3600, {kServiceTime, kServiceTime + 86'400, kServiceTime}), -3600);
}

TEST(ServiceClockTest, AClockThatWasSetWhileTheReplyCameSaysNothing) {
  EXPECT_EQ(corrected_offset(-3600, {kServiceTime + 3600, kServiceTime + 1, kServiceTime}), -3600);
}

TEST(ServiceClockTest, OneReplyOfASecondIsEnough) {
  ServiceClock clock(system_clock());
  EXPECT_TRUE(clock.wants(kServiceTime));
  clock.saw({kServiceTime, kServiceTime, kServiceTime});
  EXPECT_FALSE(clock.wants(kServiceTime));
  EXPECT_TRUE(clock.wants(kServiceTime + 1));
}

}  // namespace loopstate::dynamodb
