#include "base/instant.hpp"

#include <gtest/gtest.h>

namespace loopstate {

using std::chrono::minutes;

TEST(InstantTest, TheClockThatShowsMoreCounts) {
  const Instant since{minutes(10), std::chrono::system_clock::time_point(minutes(100))};
  EXPECT_EQ(elapsed(since, since), minutes(0));
  EXPECT_EQ(elapsed(since, {minutes(12), since.wall}), minutes(2)) << "the wall clock was set back";
  EXPECT_EQ(elapsed(since, {since.since_boot, since.wall + minutes(3)}), minutes(3)) << "a frozen machine";
}

TEST(InstantTest, TheClockSinceBootOnlyMovesForward) {
  const Instant before = Instant::now();
  const Instant after = Instant::now();
  EXPECT_GT(before.since_boot.count(), 0);
  EXPECT_GE(after.since_boot, before.since_boot);
}

}  // namespace loopstate
