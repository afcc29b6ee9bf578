// What a call came to: an outcome hands out what belongs to its answer, and nothing of another.
#include <gtest/gtest.h>

#include "loopstate/store.hpp"

namespace loopstate::testing {
namespace {

struct NamedAnswer {
  std::string operator()(const RecordOutcome::UnknownCard&) const { return "unknown card"; }
  std::string operator()(const RecordOutcome::Recorded& recorded) const { return recorded.capture_id; }
  std::string operator()(const RecordOutcome::Duplicate& duplicate) const {
    return "seen for " + duplicate.seen.user_pubkey;
  }
};

TEST(RecordOutcome, IsAnUnknownCardUntilItIsToldBetter) {
  const RecordOutcome outcome;
  EXPECT_TRUE(outcome.unknown_card());
  EXPECT_EQ(outcome.recorded(), nullptr);
  EXPECT_EQ(outcome.duplicate(), nullptr);
  EXPECT_EQ(outcome.user(), nullptr);
  EXPECT_FALSE(outcome.held().card);
  EXPECT_EQ(outcome.visit(NamedAnswer{}), "unknown card");
}

TEST(RecordOutcome, OfARecordedPurchaseHandsOutTheCaptureAndWhatIsHeld) {
  HeldState held;
  held.card.emplace();
  RecordOutcome outcome(RecordOutcome::Recorded{"U1", "C1", {}, 7}, std::move(held));
  ASSERT_TRUE(outcome.recorded());
  EXPECT_EQ(outcome.recorded()->capture_id, "C1");
  EXPECT_EQ(outcome.recorded()->version, 7u);
  EXPECT_EQ(*outcome.user(), "U1");
  EXPECT_FALSE(outcome.duplicate());
  EXPECT_FALSE(outcome.unknown_card());
  EXPECT_EQ(outcome.visit(NamedAnswer{}), "C1");
  EXPECT_TRUE(outcome.held().card);
  EXPECT_TRUE(std::move(outcome).held().card);
}

TEST(RecordOutcome, OfADuplicateHandsOutWhoseItWasAndWhen) {
  ProcessedTransaction seen;
  seen.user_pubkey = "U1";
  const RecordOutcome outcome(RecordOutcome::Duplicate{std::move(seen)});
  ASSERT_TRUE(outcome.duplicate());
  EXPECT_EQ(*outcome.user(), "U1");
  EXPECT_FALSE(outcome.recorded());
  EXPECT_FALSE(outcome.unknown_card());
  EXPECT_EQ(outcome.visit(NamedAnswer{}), "seen for U1");
}

}  // namespace
}  // namespace loopstate::testing
