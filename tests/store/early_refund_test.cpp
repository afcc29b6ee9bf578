// A refund delivered before its payment counts, whichever way the payment is marked as seen.
#include "store/purchases.hpp"
#include "store/rows/attributes.hpp"

namespace loopstate::testing {
namespace {

using RefundState = RefundOutcome::State;

class EarlyRefundMarkTest : public PurchaseTest {
 protected:
  RefundState refunded(std::string_view id, std::uint64_t cents, bool cumulative = false) {
    const auto record = refund_of(id, cents, cumulative ? RefundKind::RunningTotal : RefundKind::Refund);
    return must(run(store_.record_refund(record))).state();
  }
  AddedCapture add(std::optional<Context> held = {}, CallOptions options = {}) {
    return must(run(store_.add_capture(
        user(), capture(1000),
        AddCaptureOptions(std::move(options)).transaction(transaction()).held(std::move(held)))));
  }
  Claim claimed() {
    return *must(run(store_.claim(transaction(), "payload", 60s, LapsedPolicy::Refuse))).claim();
  }
  Context context_with_ring() {
    must(run(store_.add_capture(user(), capture(7))));
    return must(run(store_.fetch(user())));
  }
  Capture pending() { return must(run(store_.list_captures(user()))).at(0); }
  std::vector<ContextEvent> events() { return must(run(store_.fetch(user()))).recent_events; }
  /// How much the payment's mark says was taken back.
  std::int64_t marked_refunded() {
    return row(store::processed_key(transaction().text()))
        ->int64(store::attribute::kRefundedCents)
        .value_or(0);
  }
  void expect_one_refund_event(std::uint64_t cents) {
    const auto all = events();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].event_type, "refund");
    EXPECT_EQ(all[0].amount, cents);
    EXPECT_EQ(all[0].summary, fmt::format("{}.{:02} EUR refunded", cents / 100, cents % 100));
  }
};
LOOPSTATE_STORE_SUITE(EarlyRefundMarkTest);

TEST_P(EarlyRefundMarkTest, IsTakenOffACaptureThatIsAdded) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  const auto added = add();
  ASSERT_TRUE(added.added());
  EXPECT_EQ(added.added()->capture.refunded.minor_units, 300u);
  EXPECT_EQ(pending(), added.added()->capture);
  EXPECT_EQ(marked_refunded(), 300);
  EXPECT_EQ(must(run(store_.fetch(user()))).version, added.added()->version);
  expect_one_refund_event(300);
}

TEST_P(EarlyRefundMarkTest, CountsOnceWithWhatComesAfterACaptureWasAdded) {
  EXPECT_EQ(refunded("stripe:c:refunded:300", 300, true), RefundState::UnknownPayment);
  add();
  EXPECT_EQ(refunded("stripe:c:refunded:300", 300, true), RefundState::Duplicate);
  EXPECT_EQ(refunded("stripe:c:refunded:500", 500, true), RefundState::Recorded);
  EXPECT_EQ(pending().refunded.minor_units, 500u);
  EXPECT_EQ(events().front().amount, 200u);
}

TEST_P(EarlyRefundMarkTest, AddsToWhatTheAddedCaptureSaysItself) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  auto given = capture(1000);
  given.refunded.minor_units = 50;
  must(run(store_.add_capture(user(), given, AddCaptureOptions().transaction(transaction()))));
  EXPECT_EQ(pending().refunded.minor_units, 350u);
}

TEST_P(EarlyRefundMarkTest, IsLearntFromTheRefusalByAnAddWithAFreshContext) {
  const auto held = context_with_ring();
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  table_->take_calls();
  EXPECT_EQ(add(held).added()->capture.refunded.minor_units, 300u);
  EXPECT_EQ(table_->take_calls(), 2u);
}

TEST_P(EarlyRefundMarkTest, ThatComesWhileACaptureIsAddedIsTakenOff) {
  // After the user's rows were read, and again after the first refusal.
  table_->before_next_call([&] { EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment); },
                           1);
  table_->before_next_call([&] { EXPECT_EQ(refunded("square-refund:R2", 100), RefundState::UnknownPayment); },
                           0);
  EXPECT_EQ(add().added()->capture.refunded.minor_units, 400u);
  EXPECT_EQ(pending().refunded.minor_units, 400u);
}

TEST_P(EarlyRefundMarkTest, IsTakenOffOnceWhenAnAddIsRepeated) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  const auto options = request("once");
  // The rows, the transaction that the refund refuses, and the one that is made.
  table_->before_next_call([&] { table_->lose_replies(1); }, 2);
  EXPECT_ERROR(
      run(store_.add_capture(user(), capture(1000), AddCaptureOptions(options).transaction(transaction()))),
      OutcomeUnknown);
  const auto again = add({}, options);
  ASSERT_TRUE(again.added());
  EXPECT_EQ(again.added()->capture.refunded.minor_units, 300u);
  EXPECT_EQ(pending().refunded.minor_units, 300u);
  EXPECT_EQ(events().size(), 1u);
}

TEST_P(EarlyRefundMarkTest, IsNoMatterOfACaptureWithoutItsPayment) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  EXPECT_EQ(must(run(store_.add_capture(user(), capture(1000)))).added()->capture.refunded.minor_units, 0u);
}

TEST_P(EarlyRefundMarkTest, IsAnEventOfTheUserWhenThePaymentIsMarkedAlone) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  EXPECT_TRUE(must(run(store_.mark_processed(transaction(), user(), 1000))).first);
  EXPECT_FALSE(must(run(store_.mark_processed(transaction(), user(), 1000))).first);
  EXPECT_EQ(marked_refunded(), 300);
  expect_one_refund_event(300);
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::Duplicate);
  EXPECT_EQ(refunded("square-refund:R2", 100), RefundState::Recorded);
  EXPECT_EQ(marked_refunded(), 400);
}

TEST_P(EarlyRefundMarkTest, OfAMarkLeavesTheUsersRingAsItIs) {
  const auto other = must(run(store_.add_capture(user(), capture(7))));
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  must(run(store_.mark_processed(transaction(), user(), 1000)));
  EXPECT_EQ(pending(), other.added()->capture);
  expect_one_refund_event(300);
}

TEST_P(EarlyRefundMarkTest, ThatComesWhileThePaymentIsMarkedIsAnEvent) {
  table_->before_next_call(
      [&] { EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment); });
  EXPECT_TRUE(must(run(store_.mark_processed(transaction(), user(), 1000))).first);
  EXPECT_EQ(marked_refunded(), 300);
  expect_one_refund_event(300);
}

TEST_P(EarlyRefundMarkTest, CountsOnceWhenEveryWriteOfAMarkIsRepeated) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  table_->repeat_writes(true);
  EXPECT_TRUE(must(run(store_.mark_processed(transaction(), user(), 1000))).first);
  table_->repeat_writes(false);
  EXPECT_EQ(marked_refunded(), 300);
  expect_one_refund_event(300);
}

TEST_P(EarlyRefundMarkTest, OfAnErasedUserDoesNotKeepThePaymentFromBeingMarked) {
  place_tombstone("U1");
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  EXPECT_TRUE(must(run(store_.mark_processed(transaction(), user(), 1000))).first);
  EXPECT_EQ(marked_refunded(), 300);
  EXPECT_ERROR(run(store_.fetch(user())), Erased);
}

TEST_P(EarlyRefundMarkTest, IsAnEventOfTheUserWhenAClaimIsCompleted) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  const auto claim = claimed();
  must(run(store_.complete(claim, user(), 1000, "sent")));
  EXPECT_EQ(marked_refunded(), 300);
  expect_one_refund_event(300);
  EXPECT_EQ(must(run(store_.complete(claim, user(), 1000, "sent"))).result, "sent");
  EXPECT_EQ(events().size(), 1u);
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::Duplicate);
}

TEST_P(EarlyRefundMarkTest, StandsOnThePendingCaptureThatACompletionNames) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  const auto claim = claimed();
  const auto added = must(run(store_.add_capture(user(), capture(1000))));
  must(run(store_.complete(claim, user(), 1000, added.added()->capture.id)));
  EXPECT_EQ(pending().refunded.minor_units, 300u);
  EXPECT_EQ(refunded("square-refund:R2", 100), RefundState::Recorded);
  EXPECT_EQ(pending().refunded.minor_units, 400u);
}

TEST_P(EarlyRefundMarkTest, ChangesNothingWhenALateHolderIsSuperseded) {
  EXPECT_EQ(refunded("square-refund:R1", 300), RefundState::UnknownPayment);
  const auto claim = claimed();
  must(run(store_.release(claim)));
  EXPECT_ERROR(run(store_.complete(claim, user(), 1000, "sent")), Superseded);
  EXPECT_ERROR(run(store_.fetch(user())), NotFound);
  const auto second = claimed();
  must(run(store_.complete(second, user(), 1000, "sent")));
  expect_one_refund_event(300);
}

TEST_P(EarlyRefundMarkTest, CostsNoRequestWhereThereIsNone) {
  EXPECT_EQ(requests_of(store_.mark_processed(transaction(), user(), 1000)), 1u);
  const auto claim = *must(run(store_.claim(txn("square:P2"), "payload", 60s, LapsedPolicy::Refuse))).claim();
  EXPECT_EQ(requests_of(store_.complete(claim, user(), 1000, "sent")), 1u);
  const auto held = context_with_ring();
  EXPECT_EQ(requests_of(store_.add_capture(user(), capture(),
                                           AddCaptureOptions().transaction(txn("square:P3")).held(held))),
            1u);
}

}  // namespace
}  // namespace loopstate::testing
