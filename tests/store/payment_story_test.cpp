// Everything about one payment: the story for each thing that can become of it.
#include <gmock/gmock.h>

#include "loopstate/questions.hpp"
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

using ::testing::ElementsAre;
using Fate = CaptureFate::State;

class PaymentStoryTest : public PurchaseTest {
 protected:
  std::vector<PaymentStory> stories(std::string_view id = "square:P1") {
    Questions questions(store_);
    return must(run(questions.payment(payment_names(id))));
  }
  PaymentStory story(std::string_view id = "square:P1") {
    auto found = stories(id);
    EXPECT_EQ(found.size(), 1u) << id;
    return found.empty() ? PaymentStory() : std::move(found.front());
  }
  CaptureFate fate(std::string_view id = "square:P1") { return story(id).capture.value_or(CaptureFate()); }

  std::string buy(std::string_view payment = "square:P1", std::uint64_t cents = 1250) {
    must(run(store_.link(card(), user(), "4242")));
    auto bought_for = purchase(payment, "loop_fp_1", cents);
    bought_for.event.amount = cents;
    const auto bought = must(run(store_.record_capture(bought_for)));
    EXPECT_TRUE(bought.recorded());
    return bought.recorded()->capture_id;
  }
  void keep(std::string_view payment) {
    auto kept = purchase(payment, "loop_fp_1", 1250);
    kept.keep_unknown = std::chrono::seconds(900);
    EXPECT_NE(must(run(store_.record_capture(kept))).waiting(), nullptr);
  }
  Claim claim(std::string_view payment = "square:P1") {
    const auto outcome = must(run(store_.claim(transaction(payment), "x", std::chrono::seconds(60),
                                               LapsedPolicy::Reconcile, ClaimOptions().holder("worker-1"))));
    return outcome.claim() != nullptr ? *outcome.claim() : Claim();
  }
};
LOOPSTATE_STORE_SUITE(PaymentStoryTest);

TEST_P(PaymentStoryTest, OfAnUnknownPaymentThereIsNone) {
  EXPECT_TRUE(stories("square:nobody").empty());
}

TEST_P(PaymentStoryTest, ARecordedPaymentWasSeenAndItsCaptureIsPending) {
  const auto id = buy();
  const auto told = story();
  ASSERT_TRUE(told.seen);
  EXPECT_EQ(told.seen->record.user, user());
  EXPECT_EQ(told.seen->record.processed_at, now());
  EXPECT_EQ(told.seen->paid, (Money{1250, "EUR"}));
  EXPECT_EQ(told.seen->remembered_until, now() + settings_.transaction_lifetime);
  EXPECT_FALSE(told.claim);
  EXPECT_TRUE(told.refunds.empty());
  ASSERT_TRUE(told.capture);
  EXPECT_EQ(told.capture->state, Fate::Pending);
  EXPECT_EQ(told.capture->id, id);
  EXPECT_EQ(told.capture->at, now() + settings_.pending_lifetime);
  EXPECT_EQ(told.capture->capture->amount.minor_units, 1250u);
  EXPECT_FALSE(told.user_erased);
}

TEST_P(PaymentStoryTest, ARepetitionChangesNothingInTheStory) {
  buy();
  const auto first_seen = now();
  advance(std::chrono::seconds(60));
  ASSERT_TRUE(must(run(store_.record_capture(purchase()))).duplicate());
  EXPECT_EQ(story().seen->record.processed_at, first_seen);
  EXPECT_EQ(story().events.size(), 1u);
}

TEST_P(PaymentStoryTest, AProvidersOwnIdFindsThePayment) {
  buy("stripe:ch_1");
  EXPECT_EQ(story("ch_1").transaction, transaction("stripe:ch_1"));
  EXPECT_EQ(story("stripe:ch_1").transaction, transaction("stripe:ch_1"));
  must(run(store_.mark_processed(transaction("fidel:f1:clearing"), user(), 5)));
  EXPECT_EQ(story("f1").transaction, transaction("fidel:f1:clearing"));
  EXPECT_EQ(story("fidel:f1").transaction, transaction("fidel:f1:clearing"));
  must(run(store_.mark_processed(transaction("square:ch_1"), user(), 5)));
  EXPECT_EQ(stories("ch_1").size(), 2u) << "of two providers";
}

TEST_P(PaymentStoryTest, ARefundInPartIsToldWithItsReportAndItsEvent) {
  buy();
  auto refund = refund_of("square:R1:refund", 300);
  refund.reported_at = now();
  must(run(store_.record_refund(refund)));
  const auto told = story();
  EXPECT_EQ(told.seen->refunded, (Money{300, "EUR"}));
  EXPECT_EQ(told.reported_back, (Money{300, "EUR"}));
  ASSERT_EQ(told.refunds.size(), 1u);
  EXPECT_EQ(told.refunds[0].refund, transaction("square:R1:refund"));
  EXPECT_EQ(told.refunds[0].kind, RefundRecord::Kind::Refund);
  EXPECT_EQ(told.refunds[0].amount, (Money{300, "EUR"}));
  EXPECT_EQ(told.capture->state, Fate::Pending);
  EXPECT_EQ(told.capture->capture->refunded.minor_units, 300u);
  std::vector<std::string> types;
  for (const auto& event : told.events) types.push_back(event.event_type);
  EXPECT_THAT(types, ElementsAre("refund", "capture"));
}

TEST_P(PaymentStoryTest, ARefundThatCameBeforeItsPaymentWaitsForIt) {
  must(run(store_.record_refund(refund_of("square:R1:refund", 300))));
  auto told = story();
  EXPECT_FALSE(told.seen);
  EXPECT_FALSE(told.capture);
  EXPECT_EQ(told.refunds.size(), 1u);
  EXPECT_EQ(told.reported_back, (Money{300, "EUR"}));
  buy();
  told = story();
  ASSERT_TRUE(told.seen);
  EXPECT_EQ(told.seen->refunded, (Money{300, "EUR"}));
}

TEST_P(PaymentStoryTest, ADisputeIsToldAsOneThroughToItsEnd) {
  buy();
  auto dispute = refund_of("square:D1:dispute", 1250, RefundKind::Dispute);
  must(run(store_.record_refund(dispute)));
  EXPECT_EQ(story().seen->refunded.minor_units, 1250u);
  dispute.state = RefundRecord::State::GivenBack;
  dispute.reported_at = now() + std::chrono::seconds(60);
  must(run(store_.record_refund(dispute)));
  const auto told = story();
  EXPECT_EQ(told.seen->refunded.minor_units, 0u);
  ASSERT_EQ(told.refunds.size(), 1u);
  EXPECT_EQ(told.refunds[0].kind, RefundRecord::Kind::Dispute);
  EXPECT_EQ(told.refunds[0].state, RefundRecord::State::GivenBack);
}

TEST_P(PaymentStoryTest, ASettledCaptureIsToldWithWhenItWas) {
  const auto id = buy();
  advance(std::chrono::days(1));
  must(run(store_.settle_capture(user(), id)));
  advance(std::chrono::days(25));
  EXPECT_EQ(fate().state, Fate::Settled) << "past the time when it would have expired";
  EXPECT_EQ(fate().at, kStart + std::chrono::days(1));
  EXPECT_EQ(fate().id, id);
}

TEST_P(PaymentStoryTest, ACaptureThatAFullRingDroppedIsToldAsDropped) {
  settings_.max_pending_captures = 1;
  use_settings(settings_);
  buy("square:P1");
  advance(std::chrono::seconds(5));
  buy("square:P2");
  EXPECT_EQ(fate("square:P1").state, Fate::Dropped);
  EXPECT_EQ(fate("square:P1").at, kStart + std::chrono::seconds(5));
  EXPECT_EQ(fate("square:P2").state, Fate::Pending);
}

TEST_P(PaymentStoryTest, ACaptureWhoseTimeEndedUnsettledIsToldAsExpired) {
  const auto ends = now() + settings_.pending_lifetime;
  const auto id = buy();
  advance(settings_.pending_lifetime);
  EXPECT_EQ(fate().state, Fate::Expired);
  EXPECT_EQ(fate().at, ends);
  must(run(store_.push_event(user(), event())));
  remove(store::pending_key("U1", id));
  EXPECT_EQ(fate().state, Fate::Expired) << "whether or not the engine has removed its row";
}

TEST_P(PaymentStoryTest, ACaptureThatAnotherProgramRemovedIsToldAsGone) {
  const auto id = buy();
  remove(store::pending_key("U1", id));
  EXPECT_EQ(fate().state, Fate::Gone);
}

TEST_P(PaymentStoryTest, AClaimIsToldWithItsHolderAndItsLease) {
  const auto held = claim();
  auto told = story();
  EXPECT_FALSE(told.seen);
  ASSERT_TRUE(told.claim);
  EXPECT_EQ(told.claim->state, ClaimView::State::Held);
  EXPECT_EQ(told.claim->holder, "worker-1");
  EXPECT_EQ(told.claim->fence, held.fence());
  EXPECT_EQ(told.claim->lease_until, held.lease_until());
  advance(std::chrono::seconds(60));
  EXPECT_EQ(story().claim->state, ClaimView::State::Lapsed);
  const auto again = claim();
  EXPECT_TRUE(story().claim->after_lapse);
  must(run(store_.release(again)));
  EXPECT_EQ(story().claim->state, ClaimView::State::Released);
}

TEST_P(PaymentStoryTest, AClaimThatWasCompletedIsAPaymentSeenWithItsResult) {
  must(run(store_.complete(claim(), user(), 1250, "sent as 0x1f")));
  const auto told = story();
  EXPECT_FALSE(told.claim);
  EXPECT_EQ(told.seen->record.result, "sent as 0x1f");
  EXPECT_EQ(told.capture->state, Fate::NotNamed);
}

TEST_P(PaymentStoryTest, APaymentOfAnErasedUserIsToldAsOne) {
  buy();
  must(run(store_.erase_user(user())));
  const auto told = story();
  EXPECT_TRUE(told.user_erased);
  EXPECT_EQ(told.capture->state, Fate::Erased);
  EXPECT_TRUE(told.events.empty());
}

TEST_P(PaymentStoryTest, APaymentOfTheRustCrateIsToldWithTheCapturesThatMayBeItsOwn) {
  place_rust_items();
  const auto told = story("txn-U1");
  ASSERT_TRUE(told.seen);
  EXPECT_EQ(told.seen->record.user, user("U1"));
  EXPECT_EQ(told.seen->paid.minor_units, 1250u);
  EXPECT_FALSE(told.seen->paid.currency.known());
  EXPECT_EQ(told.capture->state, Fate::NotNamed);
  ASSERT_EQ(told.capture->alike.size(), 1u);
  EXPECT_EQ(told.capture->alike[0].id, "00000000001795575876");
}

TEST_P(PaymentStoryTest, APurchaseOfAnUnlinkedCardWaitsForItsLink) {
  keep("square:P1");
  auto told = story("P1");
  ASSERT_TRUE(told.wait);
  EXPECT_EQ(told.wait->state, PaymentWait::State::Waiting);
  EXPECT_EQ(told.wait->since, kStart);
  EXPECT_EQ(told.wait->until, kStart + std::chrono::seconds(900));
  EXPECT_EQ(told.wait->amount, (Money{1250, "EUR"}));
  EXPECT_FALSE(told.seen);
  EXPECT_FALSE(told.capture);
  advance(std::chrono::seconds(60));
  must(run(store_.link(card(), user(), "4242")));
  told = story("P1");
  ASSERT_TRUE(told.wait && told.seen && told.capture);
  EXPECT_EQ(told.wait->state, PaymentWait::State::Recorded);
  EXPECT_EQ(told.seen->record.user, user());
  EXPECT_EQ(told.capture->state, Fate::Pending);
}

TEST_P(PaymentStoryTest, APurchaseWhoseCardNobodyLinkedInTimeIsToldForAMonth) {
  keep("square:P1");
  advance(std::chrono::seconds(900));
  ASSERT_TRUE(story().wait);
  EXPECT_EQ(story().wait->state, PaymentWait::State::Unlinked);
  must(run(store_.link(card(), user(), "4242")));
  EXPECT_EQ(story().wait->state, PaymentWait::State::Unlinked);
  advance(settings_.transaction_lifetime - std::chrono::seconds(901));
  EXPECT_EQ(stories().size(), 1u);
  advance(std::chrono::seconds(1));
  EXPECT_TRUE(stories().empty()) << "a mark would be forgotten too";
}

TEST_P(PaymentStoryTest, APurchaseThatIsDeliveredAgainTooLateWaitsAnew) {
  keep("square:P1");
  advance(std::chrono::seconds(1'000));
  keep("square:P1");
  EXPECT_EQ(story().wait->state, PaymentWait::State::Waiting);
  EXPECT_EQ(story().wait->since, kStart + std::chrono::seconds(1'000));
  keep("square:P1");
  EXPECT_EQ(story().wait->until, kStart + std::chrono::seconds(1'900)) << "a repetition changes nothing";
}

TEST_P(PaymentStoryTest, OfAnErasedUsersPurchaseItIsNotToldThatNobodyLinkedTheCard) {
  keep("square:P1");
  must(run(store_.link(card(), user(), "4242")));
  must(run(store_.erase_user(user(), EraseOptions().scan())));
  EXPECT_TRUE(stories().empty());
  advance(std::chrono::seconds(900));
  EXPECT_TRUE(stories().empty());
}

TEST_P(PaymentStoryTest, AStoryTakesTwoRequests) {
  buy();
  Questions questions(store_);
  EXPECT_EQ(requests_of(questions.payment(payment_names("P1"))), 2u);
  EXPECT_EQ(requests_of(questions.payment(payment_names("nobody"))), 1u);
}

// The capture's row goes and its trace comes in one transaction, but they are not read in one.
TEST_P(PaymentStoryTest, ACaptureThatIsSettledWhileItIsAskedForIsNotToldAsGone) {
  const auto id = buy();
  const auto row = this->row(store::pending_key("U1", id)).value();
  remove(row.key);
  table_->before_next_call(
      [&] {
        place(row);
        must(run(store_.settle_capture(user(), id)));
      },
      2);
  EXPECT_EQ(fate().state, Fate::Settled);
}

TEST_P(PaymentStoryTest, NoNamesAndNamesThatNameNothingAreRefused) {
  Questions questions(store_);
  EXPECT_ERROR(run(questions.payment(std::vector<TransactionId>())), InvalidArgument);
  EXPECT_ERROR(run(questions.payment(std::vector<TransactionId>(1))), InvalidArgument);
  EXPECT_ERROR(run(questions.payment(std::vector<TransactionId>(17, transaction()))), InvalidArgument);
}

TEST(PaymentNamesTest, AreTheIdAndWhatEachProvidersPaymentWithItIsCalled) {
  const auto texts = [](std::string_view id) {
    std::vector<std::string> all;
    for (const auto& name : payment_names(id)) all.push_back(name.text());
    return all;
  };
  EXPECT_THAT(texts("X"), ElementsAre("X", "square:X", "stripe:X", "fidel:X:clearing", "fidel:X:refund"));
  EXPECT_THAT(texts("square:X"), ElementsAre("square:X"));
  EXPECT_THAT(texts("fidel:X"), ElementsAre("fidel:X", "fidel:X:clearing", "fidel:X:refund"));
  EXPECT_THAT(texts("fidel:X:clearing"), ElementsAre("fidel:X:clearing"));
  EXPECT_THAT(texts("shop:7"), ElementsAre("shop:7"));
  EXPECT_TRUE(texts("").empty());
}

}  // namespace
}  // namespace loopstate::testing
