// Recording a refund: once, in the user's context and on the capture while it is pending.

#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

using RefundState = RefundOutcome::State;

class RefundTest : public PurchaseTest {
 protected:
  void SetUp() override {
    run(store_.link(card(), user(), "4242")).value();
    recorded_ = run(store_.record_capture(purchase("square:P1", "loop_fp_1", 1000))).value();
  }
  const RefundRecord& refund(std::string_view id, std::uint64_t cents, bool cumulative = false) {
    return refund_of(id, cents, cumulative ? RefundKind::RunningTotal : RefundKind::Refund);
  }
  Capture pending() { return run(store_.list_captures(user()))->at(0); }

  RecordOutcome recorded_;
};
LOOPSTATE_STORE_SUITE(RefundTest);

TEST_P(RefundTest, IsOneEventAndStandsOnTheCapture) {
  const auto outcome = run(store_.record_refund(refund("square-refund:R1", 300))).value();
  EXPECT_EQ(outcome.state(), RefundState::Recorded);
  EXPECT_EQ(outcome.user()->text(), "U1");
  ASSERT_TRUE(outcome.change());
  EXPECT_EQ(outcome.change()->refunded->minor_units, 300u);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.version, outcome.change()->version);
  EXPECT_EQ(context.recent_events.at(0).event_type, "refund");
  EXPECT_EQ(context.recent_events.at(0).amount, 300u);
}

TEST_P(RefundTest, SameRefundTwiceCountsOnce) {
  run(store_.record_refund(refund("square-refund:R1", 300))).value();
  EXPECT_EQ(run(store_.record_refund(refund("square-refund:R1", 300)))->state(), RefundState::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(RefundTest, TwoRefundsAddUp) {
  run(store_.record_refund(refund("square-refund:R1", 300))).value();
  run(store_.record_refund(refund("square-refund:R2", 200))).value();
  EXPECT_EQ(pending().refunded.minor_units, 500u);
}

TEST_P(RefundTest, RunningTotalsCountWhatTheyAddAndNeverGoBack) {
  run(store_.record_refund(refund("stripe:c:refunded:300", 300, true))).value();
  run(store_.record_refund(refund("stripe:c:refunded:500", 500, true))).value();
  EXPECT_EQ(run(store_.fetch(user()))->recent_events.at(0).amount, 200u);
  EXPECT_EQ(run(store_.record_refund(refund("stripe:c:refunded:400", 400, true)))->state(),
            RefundState::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 500u);
}

TEST_P(RefundTest, UnknownPaymentChangesNothing) {
  auto other = refund("square-refund:R1", 300);
  other.payment = transaction("square:P9");
  EXPECT_EQ(run(store_.record_refund(other))->state(), RefundState::UnknownPayment);
  EXPECT_FALSE(run(store_.is_processed(transaction("square-refund:R1")))->has_value());
}

TEST_P(RefundTest, SettledCaptureLeavesTheEventOnly) {
  run(store_.settle_capture(user(), recorded_.recorded()->capture_id)).value();
  const auto outcome = run(store_.record_refund(refund("square-refund:R1", 300))).value();
  EXPECT_EQ(outcome.state(), RefundState::Recorded);
  ASSERT_TRUE(outcome.change());
  EXPECT_FALSE(outcome.change()->refunded);
  EXPECT_EQ(run(store_.fetch(user()))->recent_events.at(0).event_type, "refund");
}

TEST_P(RefundTest, ExpiredCaptureLeavesTheEventOnly) {
  clock_.advance(settings_.pending_lifetime);
  const auto outcome =
      run(store_.record_refund(refund("square-refund:R1", 300), RecordOptions().held(recorded_.held())))
          .value();
  EXPECT_EQ(outcome.state(), RefundState::Recorded);
  ASSERT_TRUE(outcome.change());
  EXPECT_FALSE(outcome.change()->refunded);
}

TEST_P(RefundTest, RacingDeliveriesCountOnce) {
  std::atomic<int> recorded{0};
  race(8, [&](int) {
    const auto outcome = run(store_.record_refund(refund("square-refund:R1", 300)));
    ASSERT_TRUE(outcome) << outcome.error().message;
    if (outcome->state() == RefundState::Recorded) ++recorded;
  });
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(RefundTest, RacingRefundsOfOnePaymentAllCount) {
  race(5, [&](int i) {
    ASSERT_TRUE(run(store_.record_refund(refund("square-refund:" + std::to_string(i), 10))));
  });
  EXPECT_EQ(pending().refunded.minor_units, 50u);
}

TEST_P(RefundTest, StaleHeldStateIsNeverBelieved) {
  run(store_.record_refund(refund("square-refund:R1", 300), RecordOptions().held(recorded_.held()))).value();
  run(store_.record_refund(refund("square-refund:R2", 100), RecordOptions().held(recorded_.held()))).value();
  EXPECT_EQ(pending().refunded.minor_units, 400u);
}

// After an outage a refund is often delivered before its payment.
class EarlyRefundTest : public RefundTest {
 protected:
  void SetUp() override { run(store_.link(card(), user(), "4242")).value(); }
  RecordOutcome pay(HeldState held = {}) {
    return run(store_.record_capture(purchase("square:P1", "loop_fp_1", 1000),
                                     RecordOptions().held(std::move(held))))
        .value();
  }
  RefundState refunded(std::string_view id, std::uint64_t cents, bool cumulative = false) {
    return run(store_.record_refund(refund(id, cents, cumulative))).value().state();
  }
};
LOOPSTATE_STORE_SUITE(EarlyRefundTest);

TEST_P(EarlyRefundTest, IsTakenOffWhenThePaymentComes) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  const auto outcome = pay();
  EXPECT_TRUE(outcome.recorded());
  EXPECT_EQ(outcome.held().captures()->at(0).refunded.minor_units, 300u);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
  const auto events = run(store_.fetch(user()))->recent_events;
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event_type, "refund");
  EXPECT_EQ(events[0].amount, 300u);
  EXPECT_EQ(events[0].summary, "3.00 EUR refunded");
  EXPECT_EQ(events[1].event_type, "capture");
}

TEST_P(EarlyRefundTest, CountsOnceHoweverOftenAndWhenItComes) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  pay();
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(EarlyRefundTest, AddsUpWithLaterOnes) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  EXPECT_EQ(refunded("square-refund:R2", 200), RefundState::UnknownPayment);
  pay();
  EXPECT_EQ(refunded("square-refund:R3", 100), RefundState::Recorded);
  EXPECT_EQ(pending().refunded.minor_units, 600u);
}

TEST_P(EarlyRefundTest, RunningTotalsNeverGoBack) {
  EXPECT_EQ(refunded("stripe:c:refunded:500", 500, true), RefundState::UnknownPayment);
  EXPECT_EQ(refunded("stripe:c:refunded:300", 300, true), RefundState::UnknownPayment);
  pay();
  EXPECT_EQ(pending().refunded.minor_units, 500u);
  EXPECT_EQ(refunded("stripe:c:refunded:300", 300, true), RefundState::Duplicate);
  EXPECT_EQ(refunded("stripe:c:refunded:700", 700, true), RefundState::Recorded);
  EXPECT_EQ(pending().refunded.minor_units, 700u);
}

TEST_P(EarlyRefundTest, IsLearntFromTheRefusalByAWarmCapture) {
  const auto held = run(store_.record_capture(purchase("square:P0"))).value().held();
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  table_->take_calls();
  EXPECT_TRUE(pay(held).recorded());
  EXPECT_EQ(table_->take_calls(), 2u);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(EarlyRefundTest, ThatComesWhileThePaymentIsRecordedIsTakenOff) {
  const auto held = run(store_.record_capture(purchase("square:P0"))).value().held();
  table_->before_next_call(
      [&] { EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment); });
  EXPECT_TRUE(pay(held).recorded());
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(EarlyRefundTest, CostsAColdCaptureOneRequestMore) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  table_->take_calls();
  pay();
  EXPECT_EQ(table_->take_calls(), 4u);
}

TEST_P(EarlyRefundTest, WhosePaymentIsRecordedMeanwhileIsAnOrdinaryOne) {
  table_->before_next_call([&] { pay(); }, 1);
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::Recorded);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(EarlyRefundTest, RacingOnesAllCount) {
  race(5, [&](int i) {
    ASSERT_TRUE(run(store_.record_refund(refund("square-refund:" + std::to_string(i), 10))));
  });
  pay();
  EXPECT_EQ(pending().refunded.minor_units, 50u);
}

TEST_P(EarlyRefundTest, RepeatAfterALostReplyCountsOnce) {
  CallOptions options;
  options.request_id("once");
  table_->lose_replies(1);
  EXPECT_EQ(run(store_.record_refund(refund("square-refund:R1", 300), options)).error().code,
            ErrorCode::OutcomeUnknown);
  EXPECT_EQ(run(store_.record_refund(refund("square-refund:R1", 300), options))->state(),
            RefundState::UnknownPayment);
  pay();
  EXPECT_EQ(pending().refunded.minor_units, 300u);
}

TEST_P(EarlyRefundTest, IsForgottenWithTheTransactionsOfItsTime) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  clock_.advance(settings_.transaction_lifetime);
  pay();
  EXPECT_EQ(pending().refunded.minor_units, 0u);
}

class RefundFaultsTest : public PurchaseTest {};
LOOPSTATE_STORE_SUITE(RefundFaultsTest);

TEST_P(RefundFaultsTest, RepeatAfterALostReplyCountsOnce) {
  run(store_.link(card(), user(), "4242")).value();
  run(store_.record_capture(purchase())).value();
  const auto record = refund_of("square-refund:R1", 300);
  CallOptions options;
  options.request_id("once");
  table_->lose_replies(1);
  EXPECT_EQ(run(store_.record_refund(record, options)).error().code, ErrorCode::OutcomeUnknown);
  const auto again = run(store_.record_refund(record, options)).value();
  EXPECT_EQ(again.state(), RefundState::Recorded);
  EXPECT_EQ(again.change()->refunded->minor_units, 300u);
  EXPECT_EQ(run(store_.list_captures(user()))->at(0).refunded.minor_units, 300u);
}

}  // namespace
}  // namespace loopstate::testing
