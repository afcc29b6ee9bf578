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

TEST(ServiceClockTest, ADateIsBelievedAsFarAsATakenSignatureAllows) {
  const auto taken = [](UnixSeconds ahead, UnixSeconds signed_offset) {
    return is_believable(prompt(ahead), signed_offset, Evidence::SignatureTaken);
  };
  EXPECT_TRUE(taken(900, 0));
  EXPECT_FALSE(taken(902, 0));
  EXPECT_FALSE(taken(-902, 0));
  EXPECT_TRUE(taken(7200, -7200));  // signed with the service's time
  EXPECT_TRUE(taken(0, -7200));     // the machine's clock was mended
  EXPECT_FALSE(taken(7200, 7200));
}

TEST(ServiceClockTest, ARefusalForTheTimeIsBelievedWithinTheYearsThatAServiceCanBeAskedIn) {
  const auto refused = [](UnixSeconds date) {
    return is_believable({kServiceTime, kServiceTime, date}, 0, Evidence::RefusedForTime);
  };
  EXPECT_TRUE(refused(kServiceTime + UnixSeconds{400} * 86'400));
  EXPECT_FALSE(refused(0));
  EXPECT_FALSE(refused(1'735'689'599));
  EXPECT_FALSE(refused(4'102'444'800));
}

TEST(ServiceClockTest, OneReplyOfASecondIsEnough) {
  ServiceClock clock(system_clock());
  EXPECT_TRUE(clock.wants(kServiceTime));
  clock.saw({kServiceTime, kServiceTime, kServiceTime});
  EXPECT_FALSE(clock.wants(kServiceTime));
  EXPECT_TRUE(clock.wants(kServiceTime + 1));
}

}  // namespace loopstate::dynamodb
