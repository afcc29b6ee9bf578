// What became of a call: an outcome hands out what belongs to its answer, and nothing of another.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "loopstate/store.hpp"
#include "store/spine/answers.hpp"

namespace loopstate::testing {
namespace {

struct NamedAnswer {
  std::string operator()(const RecordOutcome::UnknownCard&) const { return "unknown card"; }
  std::string operator()(const RecordOutcome::Waiting& waiting) const {
    return "waits until " + std::to_string(waiting.until.time_since_epoch().count());
  }
  std::string operator()(const RecordOutcome::Recorded& recorded) const { return recorded.capture_id; }
  std::string operator()(const RecordOutcome::Duplicate& duplicate) const {
    return "seen for " + duplicate.seen.user.text();
  }
};

TEST(RecordOutcome, IsAnUnknownCardUntilItIsToldBetter) {
  const RecordOutcome outcome;
  EXPECT_TRUE(outcome.unknown_card());
  EXPECT_EQ(outcome.recorded(), nullptr);
  EXPECT_EQ(outcome.duplicate(), nullptr);
  EXPECT_EQ(outcome.user(), nullptr);
  EXPECT_FALSE(outcome.held().card());
  EXPECT_EQ(outcome.visit(NamedAnswer{}), "unknown card");
  const RecordOutcome waiting(RecordOutcome::Waiting{Timestamp{std::chrono::seconds(5)}});
  EXPECT_EQ(waiting.visit(NamedAnswer{}), "waits until 5");
  EXPECT_FALSE(waiting.unknown_card());
}

TEST(RecordOutcome, OfARecordedPurchaseHandsOutTheCaptureAndWhatIsHeld) {
  RecordOutcome outcome(RecordOutcome::Recorded{UserId{"U1"}, "C1", {}, 7}, HeldState().card(Card{}));
  ASSERT_TRUE(outcome.recorded());
  EXPECT_EQ(outcome.recorded()->capture_id, "C1");
  EXPECT_EQ(outcome.recorded()->version, 7u);
  EXPECT_EQ(outcome.user()->text(), "U1");
  EXPECT_FALSE(outcome.duplicate());
  EXPECT_FALSE(outcome.unknown_card());
  EXPECT_EQ(outcome.visit(NamedAnswer{}), "C1");
  EXPECT_TRUE(outcome.held().card());
  EXPECT_TRUE(std::move(outcome).held().card());
}

TEST(RecordOutcome, OfADuplicateHandsOutWhoseItWasAndWhen) {
  ProcessedTransaction seen;
  seen.user = UserId{"U1"};
  const RecordOutcome outcome(RecordOutcome::Duplicate{std::move(seen)});
  ASSERT_TRUE(outcome.duplicate());
  EXPECT_EQ(outcome.user()->text(), "U1");
  EXPECT_FALSE(outcome.recorded());
  EXPECT_FALSE(outcome.unknown_card());
  EXPECT_EQ(outcome.visit(NamedAnswer{}), "seen for U1");
}

TEST(RefundOutcome, IsAnUnknownPaymentUntilItIsToldBetter) {
  const RefundOutcome outcome;
  EXPECT_TRUE(outcome.unknown_payment());
  EXPECT_EQ(outcome.state(), RefundOutcome::State::UnknownPayment);
  EXPECT_EQ(outcome.user(), nullptr);
  EXPECT_EQ(outcome.change(), nullptr);
  EXPECT_EQ(outcome.recorded(), nullptr);
}

TEST(RefundOutcome, HandsOutAChangeOnlyWhereThePaymentChanged) {
  const RefundOutcome::Change change{.version = 7, .changed = {300, "EUR"}, .refunded = Money{500, "EUR"}};
  const RefundOutcome recorded(RefundOutcome::Recorded{UserId{"U1"}, change});
  ASSERT_TRUE(recorded.change());
  EXPECT_EQ(recorded.change()->changed, (Money{300, "EUR"}));
  EXPECT_EQ(recorded.change(), &recorded.recorded()->change);
  EXPECT_EQ(recorded.undone(), nullptr);
  const RefundOutcome undone(RefundOutcome::Undone{UserId{"U1"}, change});
  EXPECT_EQ(undone.change(), &undone.undone()->change);
  const RefundOutcome most(RefundOutcome::ExceedsPayment{UserId{"U1"}, change});
  EXPECT_EQ(most.change(), &*most.exceeds_payment()->change);
  const RefundOutcome none(RefundOutcome::ExceedsPayment{UserId{"U1"}, std::nullopt});
  EXPECT_TRUE(none.exceeds_payment());
  const RefundOutcome other(RefundOutcome::OtherCurrency{UserId{"U1"}, std::nullopt});
  EXPECT_TRUE(other.other_currency());
  const RefundOutcome noted(RefundOutcome::Noted{UserId{"U1"}});
  EXPECT_TRUE(noted.noted());
  const RefundOutcome duplicate(RefundOutcome::Duplicate{UserId{"U1"}});
  EXPECT_TRUE(duplicate.duplicate());
  for (const auto* one : {&none, &other, &noted, &duplicate}) EXPECT_EQ(one->change(), nullptr);
  for (const auto* one : {&recorded, &undone, &most, &none, &other, &noted, &duplicate}) {
    ASSERT_TRUE(one->user());
    EXPECT_EQ(one->user()->text(), "U1");
  }
}

std::string kept(std::string_view state, std::string_view user, std::string_view change) {
  return fmt::format(R"({{"state":{},"user":"{}",{}}})", state, user, change);
}

TEST(RefundOutcome, IsKeptInTheSameBytesEver) {
  using State = RefundOutcome::State;
  const auto change =
      R"("version":7,"changed_cents":300,"refunded_cents":500,"currency":"EUR","still_pending":true)";
  const auto settled =
      R"("version":7,"changed_cents":300,"refunded_cents":0,"currency":"EUR","still_pending":false)";
  const auto nothing =
      R"("version":0,"changed_cents":0,"refunded_cents":0,"currency":null,"still_pending":false)";
  const std::vector<std::pair<State, std::string>> answers{
      {State::Recorded, kept("0", "U1", change)},        {State::Recorded, kept("0", "U1", settled)},
      {State::Undone, kept("1", "U1", change)},          {State::Duplicate, kept("2", "U1", nothing)},
      {State::Noted, kept("3", "U1", nothing)},          {State::ExceedsPayment, kept("4", "U1", change)},
      {State::ExceedsPayment, kept("4", "U1", nothing)}, {State::OtherCurrency, kept("5", "U1", nothing)},
      {State::UnknownPayment, kept("6", "", nothing)}};
  for (const auto& [state, text] : answers) {
    const auto outcome = store::decode_answer<RefundOutcome>(text);
    ASSERT_TRUE(outcome) << text << ": " << outcome.error().message;
    EXPECT_EQ(outcome->state(), state) << text;
    EXPECT_EQ(store::encode_answer(*outcome), text);
  }
  EXPECT_FALSE(store::decode_answer<RefundOutcome>(kept("7", "U1", nothing)));
}

TEST(RefundOutcome, IsKeptWithItsCurrency) {
  const RefundOutcome::Change change{.version = 7, .changed = {300, "JPY"}, .refunded = Money{500, "JPY"}};
  const RefundOutcome told(RefundOutcome::Recorded{UserId{"U1"}, change});
  const auto again = store::decode_answer<RefundOutcome>(store::encode_answer(told));
  ASSERT_TRUE(again && again->change());
  EXPECT_EQ(again->change()->changed, change.changed);
  EXPECT_EQ(again->change()->refunded, change.refunded);
}

TEST(AppendedDocuments, AreReadAsTheFirstVersionKeptThemToo) {
  const auto before = store::decode_answer<AppendedDocuments>(R"({"first":3,"last":4})");
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(*before, (AppendedDocuments{3, 4, ""}));
  const AppendedDocuments now{3, 4, "generation"};
  EXPECT_EQ(store::decode_answer<AppendedDocuments>(store::encode_answer(now)), now);
}

struct ClaimAnswer {
  std::string operator()(const ClaimOutcome::OtherPayload&) const { return "other payload"; }
  std::string operator()(const ClaimOutcome::Fresh&) const { return "fresh"; }
  std::string operator()(const ClaimOutcome::InProgress&) const { return "in progress"; }
  std::string operator()(const ClaimOutcome::Done&) const { return "done"; }
  std::string operator()(const ClaimOutcome::Lapsed&) const { return "lapsed"; }
};

TEST(ClaimOutcome, IsRefusedUntilItIsToldBetter) {
  const ClaimOutcome outcome;
  EXPECT_EQ(outcome.state(), ClaimOutcome::State::OtherPayload);
  EXPECT_TRUE(outcome.other_payload());
  EXPECT_FALSE(outcome.claim());
  EXPECT_FALSE(outcome.done());
  EXPECT_EQ(outcome.visit(ClaimAnswer{}), "other payload");
}

TEST(ClaimOutcome, HandsOutAClaimOnlyWhereTheWorkIsTheCallers) {
  const auto held = Claim::from_parts(TransactionId{"T1"}, 3, "worker-1", "");
  const ClaimOutcome fresh(ClaimOutcome::Fresh{held}, 3);
  ASSERT_TRUE(fresh.claim());
  EXPECT_EQ(fresh.claim()->fence(), 3u);
  EXPECT_EQ(fresh.state(), ClaimOutcome::State::Fresh);
  const ClaimOutcome after(ClaimOutcome::Lapsed{held}, 3);
  ASSERT_TRUE(after.claim());
  EXPECT_FALSE(after.fresh());
  EXPECT_EQ(after.state(), ClaimOutcome::State::Lapsed);

  const ClaimOutcome refused(ClaimOutcome::Lapsed{}, 3);
  EXPECT_TRUE(refused.lapsed());
  EXPECT_FALSE(refused.claim());
  const ClaimOutcome others(ClaimOutcome::InProgress{Timestamp{} + std::chrono::seconds(60)}, 3);
  EXPECT_EQ(others.state(), ClaimOutcome::State::InProgress);
  EXPECT_EQ(others.in_progress()->until, Timestamp{} + std::chrono::seconds(60));
  EXPECT_FALSE(others.claim());
  const ClaimOutcome done(ClaimOutcome::Done{}, 3);
  EXPECT_EQ(done.state(), ClaimOutcome::State::Done);
  EXPECT_FALSE(done.claim());
  for (const auto* one : {&fresh, &after, &refused, &others, &done}) EXPECT_EQ(one->fence(), 3u);
}

TEST(AddedCapture, HandsOutACaptureOnlyWhereOneWasAdded) {
  const AddedCapture nothing;
  EXPECT_TRUE(nothing.seen_before());
  EXPECT_FALSE(nothing.added());

  Capture stored;
  stored.id = "C1";
  const AddedCapture added(AddedCapture::Added{stored, {}, 7});
  ASSERT_TRUE(added.added());
  EXPECT_EQ(added.added()->capture.id, "C1");
  EXPECT_EQ(added.added()->version, 7u);
  EXPECT_FALSE(added.seen_before());

  const AddedCapture seen(AddedCapture::SeenBefore{"C1", std::nullopt});
  ASSERT_TRUE(seen.seen_before());
  EXPECT_EQ(seen.seen_before()->capture_id, "C1");
  EXPECT_FALSE(seen.added());
}

}  // namespace
}  // namespace loopstate::testing
