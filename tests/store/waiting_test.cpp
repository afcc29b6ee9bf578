// Purchases of a card that nobody has linked yet, and what becomes of them.
#include "store/purchases.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/waiting_row.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::chrono::seconds kWait = 900s;

class Waiting : public PurchaseTest {
 protected:
  static PurchaseRecord kept(std::string_view id = "square:P1", std::uint64_t amount = 1250,
                             std::string_view fingerprint = "loop_fp_1") {
    auto record = purchase(id, fingerprint, amount);
    record.keep_unknown = kWait;
    return record;
  }
  RecordOutcome deliver(std::string_view id = "square:P1", std::uint64_t amount = 1250) {
    return must(run(store_.record_capture(named(kept(id, amount)))));
  }
  LinkedCard link(std::string_view to = "U1") { return must(run(store_.link(card(), user(to), "4242"))); }
  std::vector<std::uint64_t> pending(std::string_view of = "U1") {
    std::vector<std::uint64_t> amounts;
    for (const auto& capture : must(run(store_.list_captures(user(of))))) {
      amounts.push_back(capture.amount.minor_units);
    }
    return amounts;
  }
  std::optional<ProcessedTransaction> mark(std::string_view id = "square:P1") {
    return must(run(store_.is_processed(txn(id))));
  }
  bool anything_waits() { return row(store::waiting_key("loop_fp_1")).has_value(); }
};
LOOPSTATE_STORE_SUITE(Waiting);

TEST_P(Waiting, APurchaseIsRecordedByTheLinkThatComesLater) {
  const auto outcome = deliver();
  ASSERT_NE(outcome.waiting(), nullptr);
  EXPECT_EQ(outcome.waiting()->until, kStart + kWait);
  EXPECT_EQ(outcome.user(), nullptr);
  EXPECT_FALSE(mark());
  advance(60s);
  const auto linked = link();
  EXPECT_THAT(linked.recorded, SizeIs(1));
  EXPECT_THAT(pending(), ElementsAre(1250));
  const auto seen = mark();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->user, user());
  EXPECT_EQ(seen->result, linked.recorded[0].id);
  const auto context = must(run(store_.fetch(user())));
  ASSERT_THAT(context.recent_events, SizeIs(1));
  EXPECT_EQ(context.recent_events[0].summary, "bought");
  EXPECT_EQ(context.version, linked.version);
  EXPECT_FALSE(anything_waits());
}

TEST_P(Waiting, NothingDoesUnlessItIsAskedFor) {
  EXPECT_TRUE(must(run(store_.record_capture(purchase()))).unknown_card());
  EXPECT_FALSE(anything_waits());
  EXPECT_THAT(link().recorded, IsEmpty());
}

TEST_P(Waiting, APurchaseOfALinkedCardIsRecordedAtOnceForAsManyRequests) {
  link();
  (void)must(run(store_.get_or_init(user())));
  EXPECT_EQ(requests_of(store_.record_capture(named(kept("square:P1")))), 3u) << "cold";
  auto held = must(run(store_.record_capture(named(kept("square:P2"))))).held();
  EXPECT_EQ(requests_of(store_.record_capture(named(kept("square:P3")), RecordOptions().held(held))), 1u);
  EXPECT_FALSE(anything_waits());
}

TEST_P(Waiting, KeepingCostsTwoRequestsAndLinkingThree) {
  EXPECT_EQ(requests_of(store_.record_capture(named(kept()))), 2u);
  EXPECT_EQ(requests_of(store_.record_capture(named(kept("square:P2")))), 3u) << "beside another";
  EXPECT_EQ(requests_of(store_.link(card(), user(), "4242")), 3u);
}

TEST_P(Waiting, ADeliveryThatIsRepeatedWaitsOnce) {
  const auto first = deliver();
  advance(100s);
  const auto again = deliver();
  ASSERT_NE(again.waiting(), nullptr);
  EXPECT_EQ(again.waiting()->until, first.waiting()->until);
  EXPECT_THAT(link().recorded, SizeIs(1));
  EXPECT_NE(deliver().duplicate(), nullptr);
  EXPECT_THAT(pending(), ElementsAre(1250));
}

TEST_P(Waiting, ACallRepeatedUnderItsRequestIdAnswersTheSame) {
  const auto options = RecordOptions(request("r1"));
  const auto first = must(run(store_.record_capture(named(kept()), options)));
  ASSERT_NE(first.waiting(), nullptr);
  link();
  const auto again = must(run(store_.record_capture(named(kept()), options)));
  ASSERT_NE(again.waiting(), nullptr);
  EXPECT_EQ(again.waiting()->until, first.waiting()->until);
  EXPECT_THAT(pending(), ElementsAre(1250));
}

TEST_P(Waiting, ALinkRepeatedUnderItsRequestIdTellsAgainWhatItRecorded) {
  deliver();
  const auto options = LinkOptions(request("r1"));
  const auto first = must(run(store_.link(card(), user(), "4242", options)));
  advance(5s);
  const auto again = must(run(store_.link(card(), user(), "4242", options)));
  EXPECT_EQ(again.recorded, first.recorded);
  EXPECT_EQ(again.version, first.version);
  EXPECT_THAT(pending(), ElementsAre(1250));
}

TEST_P(Waiting, SeveralAreRecordedInTheOrderInWhichTheyCame) {
  for (int i = 1; i <= 3; ++i) deliver("square:P" + std::to_string(i), 100 * static_cast<unsigned>(i));
  const auto linked = link();
  ASSERT_THAT(linked.recorded, SizeIs(3));
  EXPECT_EQ(linked.recorded[0].amount.minor_units, 100u);
  EXPECT_EQ(linked.recorded[2].amount.minor_units, 300u);
  EXPECT_THAT(pending(), SizeIs(3));
  const auto snapshot = must(run(store_.snapshot(user())));
  EXPECT_THAT(snapshot.captures, SizeIs(3));
}

TEST_P(Waiting, NoMoreDoThanTheRingHolds) {
  use_settings({.max_pending_captures = 2});
  EXPECT_NE(deliver("square:P1").waiting(), nullptr);
  EXPECT_NE(deliver("square:P2").waiting(), nullptr);
  EXPECT_TRUE(deliver("square:P3").unknown_card());
  EXPECT_NE(deliver("square:P2").waiting(), nullptr) << "it waits already";
  advance(kWait);
  EXPECT_NE(deliver("square:P3").waiting(), nullptr) << "those before it are over";
  EXPECT_THAT(link().recorded, SizeIs(1));
}

TEST_P(Waiting, SixteenDoAtMost) {
  use_settings({.max_pending_captures = 100});
  for (int i = 0; i < 16; ++i) ASSERT_NE(deliver("square:P" + std::to_string(i)).waiting(), nullptr);
  EXPECT_TRUE(deliver("square:P16").unknown_card());
  EXPECT_THAT(link().recorded, SizeIs(16));
  EXPECT_THAT(pending(), SizeIs(16));
}

TEST_P(Waiting, WhatLeavesAFullRingForThemIsTold) {
  use_settings({.max_pending_captures = 2});
  must(run(store_.add_capture(user(), capture(1))));
  must(run(store_.add_capture(user(), capture(2))));
  deliver("square:P1", 100);
  deliver("square:P2", 200);
  const auto linked = link();
  EXPECT_THAT(linked.recorded, SizeIs(2));
  ASSERT_THAT(linked.dropped, SizeIs(2));
  EXPECT_EQ(linked.dropped[0].amount.minor_units, 1u);
  EXPECT_EQ(linked.dropped[1].amount.minor_units, 2u);
  auto left = pending();
  std::ranges::sort(left);
  EXPECT_THAT(left, ElementsAre(100, 200));
}

TEST_P(Waiting, AreRecordedThoughTheRingIsFarOverABoundThatWasLowered) {
  use_settings({.max_pending_captures = 100});
  for (int i = 0; i < 100; ++i) must(run(store_.add_capture(user(), capture(1))));
  for (int i = 0; i < 16; ++i) deliver("square:P" + std::to_string(i));
  use_settings({.max_pending_captures = 1});
  const auto linked = link();
  EXPECT_THAT(linked.recorded, SizeIs(16));
  EXPECT_THAT(linked.dropped, SizeIs(16));
  EXPECT_THAT(pending(), SizeIs(100));
}

TEST_P(Waiting, APurchaseThatDidNotFindItsUserInTimeIsGone) {
  deliver();
  advance(kWait);
  EXPECT_THAT(link().recorded, IsEmpty());
  EXPECT_FALSE(mark());
  EXPECT_NE(deliver().recorded(), nullptr) << "delivered again, it is recorded as any other";
}

TEST_P(Waiting, OneWhoseTimeEndsWithTheLinkIsGoneWhileOthersOfItsCardAreRecorded) {
  deliver("square:P1", 100);
  advance(100s);
  deliver("square:P2", 200);
  advance(kWait - 100s);
  EXPECT_THAT(link().recorded, SizeIs(1));
  EXPECT_THAT(pending(), ElementsAre(200));
  EXPECT_FALSE(mark("square:P1"));
}

TEST_P(Waiting, APurchaseWaitsNoLongerThanItsCaptureLives) {
  use_settings({.pending_lifetime = 60s});
  const auto outcome = deliver();
  ASSERT_NE(outcome.waiting(), nullptr);
  EXPECT_EQ(outcome.waiting()->until, kStart + 60s);
  advance(60s);
  EXPECT_THAT(link().recorded, IsEmpty());
}

TEST_P(Waiting, APaymentThatWasMarkedInSomeOtherWayIsNotRecordedAgain) {
  deliver("square:P1", 100);
  deliver("square:P2", 200);
  must(run(store_.mark_processed(txn("square:P1"), user("U7"), 100)));
  EXPECT_THAT(link().recorded, SizeIs(1));
  EXPECT_THAT(pending(), ElementsAre(200));
  EXPECT_EQ(mark("square:P1")->user, user("U7"));
}

TEST_P(Waiting, ARefundThatComesBeforeTheLinkIsDeducted) {
  deliver();
  EXPECT_EQ(must(run(store_.record_refund(refund_of("square:R1:refund", 250)))).state(),
            RefundOutcome::State::UnknownPayment);
  const auto linked = link();
  ASSERT_THAT(linked.recorded, SizeIs(1));
  EXPECT_EQ(linked.recorded[0].refunded.minor_units, 250u);
  EXPECT_EQ(must(run(store_.list_captures(user())))[0].refunded.minor_units, 250u);
  EXPECT_EQ(must(run(store_.fetch(user()))).recent_events[0].event_type, "refund");
  EXPECT_EQ(must(run(store_.record_refund(refund_of("square:R1:refund", 250)))).state(),
            RefundOutcome::State::Duplicate);
}

TEST_P(Waiting, ADeliveryThatLosesARaceAgainstTheLinkIsRecorded) {
  table_->before_next_call([&] { link(); }, 1);
  const auto outcome = deliver();
  ASSERT_NE(outcome.recorded(), nullptr);
  EXPECT_EQ(outcome.recorded()->user, user());
  EXPECT_THAT(pending(), ElementsAre(1250));
  EXPECT_FALSE(anything_waits());
}

TEST_P(Waiting, ALinkThatLosesARaceAgainstTheDeliveryRecordsIt) {
  table_->before_next_call([&] { deliver(); });
  EXPECT_THAT(link().recorded, SizeIs(1));
  EXPECT_THAT(pending(), ElementsAre(1250));
}

TEST_P(Waiting, OneThatComesWhileTheOthersAreRecordedIsRecordedToo) {
  deliver("square:P1", 100);
  table_->before_next_call([&] { deliver("square:P2", 200); }, 2);
  EXPECT_THAT(link().recorded, SizeIs(2));
  EXPECT_FALSE(anything_waits());
}

TEST_P(Waiting, OfTwoUsersWhoLinkTheCardOneGetsThePurchase) {
  deliver();
  table_->before_next_call([&] { link("U2"); }, 1);
  EXPECT_ERROR(run(store_.link(card(), user("U1"), "4242")), CardLinkedElsewhere);
  EXPECT_THAT(pending("U2"), ElementsAre(1250));
  EXPECT_THAT(pending("U1"), IsEmpty());
}

TEST_P(Waiting, AUserWhoWasErasedGetsNone) {
  deliver();
  place_tombstone("U1");
  EXPECT_ERROR(run(store_.link(card(), user(), "4242")), Erased);
  EXPECT_TRUE(anything_waits());
  EXPECT_THAT(link("U2").recorded, SizeIs(1));
}

TEST_P(Waiting, AUserWhoIsErasedDuringTheLinkGetsNone) {
  must(run(store_.get_or_init(user())));
  deliver();
  table_->before_next_call([&] { must(run(store_.erase_user(user()))); }, 2);
  EXPECT_ERROR(run(store_.link(card(), user(), "4242")), Erased);
  EXPECT_FALSE(mark());
  EXPECT_TRUE(anything_waits());
}

TEST_P(Waiting, ACardThatIsUnlinkedAgainKeepsWhatComesLater) {
  link();
  deliver("square:P1", 100);
  must(run(store_.unlink(card())));
  EXPECT_NE(deliver("square:P2", 200).waiting(), nullptr);
  EXPECT_NE(deliver("square:P1", 100).duplicate(), nullptr);
  link("U2");
  EXPECT_THAT(pending("U1"), ElementsAre(100));
  EXPECT_THAT(pending("U2"), ElementsAre(200));
}

TEST_P(Waiting, WritesThatAreRepeatedDoItOnce) {
  table_->repeat_writes(true);
  EXPECT_NE(deliver().waiting(), nullptr);
  EXPECT_THAT(link().recorded, SizeIs(1));
  EXPECT_THAT(pending(), ElementsAre(1250));
}

TEST_P(Waiting, ALifetimeOutOfRangeIsRefused) {
  auto record = kept();
  for (const auto wait : {0s, -1s, kMaxWait + 1s}) {
    record.keep_unknown = wait;
    EXPECT_ERROR(run(store_.record_capture(named(record))), InvalidArgument);
  }
}

TEST_P(Waiting, TheRowIsTheDocumentedOne) {
  deliver();
  const auto waiting = row({"CARD#loop_fp_1", "WAITING"});
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->time("ttl"), kStart + kWait);
  ASSERT_NE(waiting->string("write_id"), nullptr);
  const auto* purchases = waiting->string("purchases");
  ASSERT_NE(purchases, nullptr);
  EXPECT_TRUE(purchases->starts_with(R"([{"transaction":"square:P1","capture":{"merchant_id":"M1")"))
      << *purchases;
  EXPECT_EQ(waiting->attributes.size(), 3u);
}

TEST_P(Waiting, ARowThatCannotBeReadIsNamedAndLosesNothing) {
  deliver();
  auto broken = *row(store::waiting_key("loop_fp_1"));
  broken.attributes.set("purchases", "[{}]");
  place(broken);
  EXPECT_ERROR(run(store_.record_capture(named(kept("square:P2")))), CorruptItem);
  EXPECT_ERROR(run(store_.link(card(), user(), "4242")), CorruptItem);
  EXPECT_ERROR(run(store_.lookup(card())), NotFound);
  std::vector<store::CheckFinding> found;
  (void)must(run(store::check_table(
      store_, {}, clock_, [&](const auto& finding) { found.push_back(finding); }, [](const auto&) {})));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, store::CheckFinding::Kind::CorruptItem);
  EXPECT_EQ(found[0].item, "CARD#loop_fp_1|WAITING");
}

TEST_P(Waiting, AStoreWithPurchasesThatWaitIsInOrder) {
  deliver();
  std::vector<store::CheckFinding> found;
  (void)must(run(store::check_table(
      store_, {}, clock_, [&](const auto& finding) { found.push_back(finding); }, [](const auto&) {})));
  EXPECT_THAT(found, IsEmpty());
}

}  // namespace
}  // namespace loopstate::testing
