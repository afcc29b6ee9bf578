#include "loopstate/webhook_delivery.hpp"

#include <gtest/gtest.h>

#include "webhook/age.hpp"

namespace loopstate::webhook {
namespace {

TEST(Headers, AreFoundInAnySpelling) {
  const Headers headers{{"X-Square-HmacSha256-Signature", "abc"}};
  EXPECT_EQ(headers.find("x-square-hmacsha256-signature"), "abc");
  EXPECT_EQ(headers.find("X-SQUARE-HMACSHA256-SIGNATURE"), "abc");
  EXPECT_FALSE(headers.find("x-square-hmacsha256-signatur"));
  EXPECT_FALSE(headers.find(""));
}

TEST(Headers, CountRepetitionsAndGiveTheFirst) {
  const Headers headers{{"a", " 1\t"}, {"A", "2"}, {"b", ""}};
  EXPECT_EQ(headers.find("a"), "1");
  EXPECT_EQ(headers.count("a"), 2u);
  EXPECT_EQ(headers.find("b"), "");
  EXPECT_EQ(headers.count("c"), 0u);
}

TEST(Providers, AreKnownByTheNameInTheirPath) {
  for (const auto provider : kProviders) EXPECT_EQ(provider_from(to_string(provider)), provider);
  EXPECT_FALSE(provider_from("clover"));
  EXPECT_FALSE(provider_from("Square"));
  EXPECT_FALSE(provider_from(""));
}

TEST(CaptureAge, EndsTenDaysBeforeTheMarkerDoes) {
  static_assert(kCaptureAgeMax == 90 * 86'400);
  constexpr UnixSeconds now = 1'795'600'000;
  EXPECT_EQ(age_of(now, now, now), Age::Young);
  EXPECT_EQ(age_of(now + 5, now, now), Age::Young);
  EXPECT_EQ(age_of(now - kCaptureAgeMax, now, now), Age::Young);
  EXPECT_EQ(age_of(now - kCaptureAgeMax - 1, now, now), Age::Old);
}

TEST(CaptureAge, IsNotReachedByAClockAheadOfWhoeverTells) {
  constexpr UnixSeconds told = 1'795'600'000;
  constexpr UnixSeconds ahead = told + 95 * 86'400;
  EXPECT_EQ(age_of(told - 60, told, ahead), Age::Unproven);
  EXPECT_EQ(age_of(told - 60, 0, ahead), Age::Unproven);  // nobody said when it was told
  EXPECT_EQ(age_of(ahead - 95 * 86'400, ahead - kUnderWayMax, ahead), Age::Old);
}

TEST(CaptureAge, IsCountedToTheTimeToldWhereTheClockIsBehind) {
  constexpr UnixSeconds told = 1'795'600'000;
  constexpr UnixSeconds behind = told - 400 * 86'400;
  EXPECT_EQ(age_of(told - 60, told, behind), Age::Young);
  EXPECT_EQ(age_of(told - kCaptureAgeMax - 1, told, behind), Age::Old);
}

}  // namespace
}  // namespace loopstate::webhook
