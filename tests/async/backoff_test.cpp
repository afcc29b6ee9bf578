#include "async/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace loopstate::async {
namespace {

using std::chrono::milliseconds;

constexpr Backoff kBackoff{milliseconds(10), milliseconds(500)};

TEST(Backoff, NothingIsWaitedForBeforeAFailure) {
  EXPECT_EQ(kBackoff.ceiling(0), milliseconds(0));
  EXPECT_EQ(kBackoff.wait(0, 1.0), milliseconds(0));
}

TEST(Backoff, EachFailureDoublesTheCeilingUpToTheMaximum) {
  EXPECT_EQ(kBackoff.ceiling(1), milliseconds(10));
  EXPECT_EQ(kBackoff.ceiling(2), milliseconds(20));
  EXPECT_EQ(kBackoff.ceiling(6), milliseconds(320));
  EXPECT_EQ(kBackoff.ceiling(7), milliseconds(500));
}

TEST(Backoff, ABaseAboveTheMaximumIsTheMaximum) {
  const Backoff backoff{milliseconds(1'000), milliseconds(500)};
  EXPECT_EQ(backoff.ceiling(1), milliseconds(500));
}

TEST(Backoff, AnyNumberOfFailuresIsAWaitOfAtMostTheMaximum) {
  for (const unsigned failures : {31u, 32u, 64u, 65u, 100u, std::numeric_limits<unsigned>::max()}) {
    EXPECT_EQ(kBackoff.ceiling(failures), milliseconds(500)) << failures;
  }
}

TEST(Backoff, TheWaitIsDrawnFromZeroToTheCeiling) {
  EXPECT_EQ(kBackoff.wait(3, 0.0), milliseconds(0));
  EXPECT_EQ(kBackoff.wait(3, 0.5), milliseconds(20));
  EXPECT_EQ(kBackoff.wait(3, 1.0), milliseconds(40));
}

TEST(Jitter, IsDrawnAnewFromZeroToOne) {
  std::set<double> drawn;
  for (int i = 0; i < 100; ++i) drawn.insert(jitter());
  EXPECT_GE(*drawn.begin(), 0.0);
  EXPECT_LE(*drawn.rbegin(), 1.0);
  EXPECT_GT(drawn.size(), 1u);
}

}  // namespace
}  // namespace loopstate::async
