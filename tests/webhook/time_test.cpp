#include "webhook/time.hpp"

#include <gtest/gtest.h>

#include "times.hpp"

namespace loopstate::webhook {
namespace {

TEST(ParseRfc3339, TakesFractionsAndOffsets) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), from_unix_seconds(0));
  EXPECT_EQ(parse_rfc3339("2026-11-20T17:04:10.114Z"), from_unix_seconds(1'795'194'250));
  EXPECT_EQ(parse_rfc3339("2026-11-20t17:04:10z"), from_unix_seconds(1'795'194'250));
  EXPECT_EQ(parse_rfc3339("2026-11-20T19:04:10+02:00"), from_unix_seconds(1'795'194'250));
  EXPECT_EQ(parse_rfc3339("2026-11-20T11:34:10-05:30"), from_unix_seconds(1'795'194'250));
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), from_unix_seconds(1'709'164'800));
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59Z"), from_unix_seconds(-1));
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(ParseRfc3339, RefusesATimeWithoutAZone) {
  EXPECT_FALSE(parse_rfc3339("2019-03-12T19:12:01"));
  EXPECT_FALSE(parse_rfc3339("2019-03-12T19:12:01.5"));
}

TEST(ParseRfc3339, RefusesWhatIsNoTime) {
  for (const auto text :
       {"", "2026", "2026-11-20", "2026-11-20 17:04:10Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+2:00",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zx", "26-01-01T00:00:00Z", "+026-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace loopstate::webhook
