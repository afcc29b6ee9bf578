#include "loopstate/webhook_delivery.hpp"

#include <gtest/gtest.h>

#include "times.hpp"
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
  static_assert(kCaptureAgeMax == 90 * 24h);
  constexpr Timestamp now = from_unix_seconds(1'795'600'000);
  EXPECT_EQ(age_of(now, now, now), Age::Young);
  EXPECT_EQ(age_of(now + 5s, now, now), Age::Young);
  EXPECT_EQ(age_of(now - kCaptureAgeMax, now, now), Age::Young);
  EXPECT_EQ(age_of(now - kCaptureAgeMax - 1s, now, now), Age::Old);
}

TEST(CaptureAge, IsNotReachedByAClockAheadOfWhoeverTells) {
  constexpr Timestamp told = from_unix_seconds(1'795'600'000);
  constexpr Timestamp ahead = told + 95 * 24h;
  EXPECT_EQ(age_of(told - 60s, told, ahead), Age::Unproven);
  EXPECT_EQ(age_of(told - 60s, {}, ahead), Age::Unproven);  // nobody said when it was reported
  EXPECT_EQ(age_of(ahead - 95 * 24h, ahead - kUnderWayMax, ahead), Age::Old);
}

TEST(CaptureAge, IsCountedToTheTimeToldWhereTheClockIsBehind) {
  constexpr Timestamp told = from_unix_seconds(1'795'600'000);
  constexpr Timestamp behind = told - 400 * 24h;
  EXPECT_EQ(age_of(told - 60s, told, behind), Age::Young);
  EXPECT_EQ(age_of(told - kCaptureAgeMax - 1s, told, behind), Age::Old);
}

}  // namespace
}  // namespace loopstate::webhook
