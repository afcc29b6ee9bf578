// How far refunds and disputes may go: never beyond what was paid, never in another currency, and back again.
#include <algorithm>

#include "store/purchases.hpp"
#include "store/rows/attributes.hpp"

namespace loopstate::testing {
namespace {

using State = RefundOutcome::State;
using Report = RefundRecord::State;

class RefundRulesTest : public PurchaseTest {
 protected:
  void SetUp() override {
    run(store_.link(card(), user(), "4242")).value();
    pay();
  }
  void pay(std::string_view payment = "square:P1") {
    must(run(store_.record_capture(purchase(payment, "loop_fp_1", 1000))));
  }
  RefundOutcome tell(RefundRecord report) { return must(run(store_.record_refund(report))); }
  static RefundRecord failed(std::string_view id, std::uint64_t cents) {
    auto report = refund_of(id, cents);
    report.state = Report::GivenBack;
    return report;
  }
  static RefundRecord dispute(Report state, std::int64_t at, std::uint64_t cents = 1000) {
    auto report = refund_of("square:D1:dispute", cents, RefundKind::Dispute);
    report.state = state;
    report.reported_at = from_unix_seconds(at);
    return report;
  }
  Capture pending() { return must(run(store_.list_captures(user()))).at(0); }
  std::vector<ContextEvent> events() { return must(run(store_.fetch(user()))).recent_events; }
  std::uint64_t marked(std::string_view payment = "square:P1") {
    return row(store::processed_key(payment))->uint64(store::attribute::kRefundedCents).value_or(0);
  }
};
LOOPSTATE_STORE_SUITE(RefundRulesTest);

TEST_P(RefundRulesTest, MoreThanWasPaidIsTakenOffUpToThat) {
  EXPECT_EQ(tell(refund_of("r1", 700)).state(), State::Recorded);
  const auto outcome = tell(refund_of("r2", 500));
  EXPECT_EQ(outcome.state(), State::ExceedsPayment);
  EXPECT_EQ(outcome.change()->changed.minor_units, 300u);
  EXPECT_EQ(outcome.change()->refunded->minor_units, 1000u);
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
  EXPECT_EQ(marked(), 1000u);
  EXPECT_EQ(events().front().amount, 300u);
  EXPECT_EQ(events().front().summary, "3.00 EUR refunded");
}

TEST_P(RefundRulesTest, TheLargestNumberThereIsIsMoreThanWasPaid) {
  EXPECT_EQ(tell(refund_of("r1", UINT64_MAX)).state(), State::ExceedsPayment);
  EXPECT_EQ(tell(refund_of("r2", UINT64_MAX)).change(), nullptr);
  EXPECT_EQ(tell(refund_of("t", UINT64_MAX, RefundKind::RunningTotal)).change(), nullptr);
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
  EXPECT_EQ(marked(), 1000u);
  EXPECT_EQ(tell(failed("r1", UINT64_MAX)).change(), nullptr);
  EXPECT_EQ(marked(), 1000u);
}

TEST_P(RefundRulesTest, WhatExceedsThePaymentIsADuplicateWhenItComesAgain) {
  EXPECT_EQ(tell(refund_of("r1", 1001)).state(), State::ExceedsPayment);
  EXPECT_EQ(tell(refund_of("r1", 1001)).state(), State::Duplicate);
  EXPECT_EQ(events().size(), 2u);
}

TEST_P(RefundRulesTest, AnEarlyRefundIsNoMoreThanThePaymentEither) {
  for (const auto* id : {"r1", "r2"}) {
    const auto early = refund_of(id, UINT64_MAX, RefundKind::Refund, "square:P2");
    EXPECT_EQ(tell(early).state(), State::UnknownPayment);
  }
  pay("square:P2");
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
  EXPECT_EQ(marked("square:P2"), 1000u);
  EXPECT_EQ(events().front().amount, 1000u);
}

TEST_P(RefundRulesTest, AnotherCurrencyThanThePaymentsIsNotCounted) {
  auto other = refund_of("r1", 300);
  other.amount.currency = "JPY";
  const auto outcome = tell(other);
  EXPECT_EQ(outcome.state(), State::OtherCurrency);
  EXPECT_EQ(outcome.change(), nullptr);
  EXPECT_EQ(tell(other).state(), State::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
  EXPECT_EQ(events().size(), 1u);
}

TEST_P(RefundRulesTest, AnEarlyRefundInAnotherCurrencyIsNotCountedEither) {
  auto other = refund_of("r1", 300, RefundKind::Refund, "square:P2");
  other.amount.currency = "USD";
  EXPECT_EQ(tell(other).state(), State::UnknownPayment);
  EXPECT_EQ(tell(refund_of("r2", 20, RefundKind::Refund, "square:P2")).state(), State::UnknownPayment);
  pay("square:P2");
  EXPECT_EQ(pending().refunded.minor_units, 20u);
}

TEST_P(RefundRulesTest, WithoutACurrencyItIsThePayments) {
  auto report = refund_of("r1", 300);
  report.amount.currency = {};
  EXPECT_EQ(tell(report).state(), State::Recorded);
  EXPECT_EQ(events().front().summary, "3.00 EUR refunded");
}

TEST_P(RefundRulesTest, AFailedRefundIsUndone) {
  tell(refund_of("r1", 300));
  const auto outcome = tell(failed("r1", 300));
  EXPECT_EQ(outcome.state(), State::Undone);
  EXPECT_EQ(outcome.change()->changed.minor_units, 300u);
  EXPECT_EQ(outcome.change()->refunded->minor_units, 0u);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
  EXPECT_EQ(marked(), 0u);
  EXPECT_EQ(events().front().event_type, "refund_undone");
  EXPECT_EQ(events().front().amount, 300u);
  EXPECT_EQ(tell(failed("r1", 300)).state(), State::Duplicate);
  EXPECT_EQ(tell(refund_of("r1", 300)).state(), State::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
}

TEST_P(RefundRulesTest, AFailureThatComesBeforeItsRefundHoldsToo) {
  EXPECT_EQ(tell(failed("r1", 300)).state(), State::Noted);
  EXPECT_EQ(tell(refund_of("r1", 300)).state(), State::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
  EXPECT_EQ(events().size(), 1u);
}

TEST_P(RefundRulesTest, ACaptureWhoseRefundWasUndoneIsSettledLikeAnother) {
  tell(refund_of("r1", 300));
  tell(failed("r1", 300));
  EXPECT_EQ(must(run(store_.settle_capture(user(), pending().id))).refunded.minor_units, 0u);
  EXPECT_EQ(tell(refund_of("r2", 300)).state(), State::Recorded);
}

TEST_P(RefundRulesTest, AFailedRefundBeforeThePaymentIsNoEvent) {
  tell(refund_of("r1", 300, RefundKind::Refund, "square:P2"));
  auto failure = failed("r1", 300);
  failure.payment = transaction("square:P2");
  EXPECT_EQ(tell(failure).state(), State::UnknownPayment);
  pay("square:P2");
  EXPECT_EQ(pending().refunded.minor_units, 0u);
  EXPECT_EQ(events().size(), 2u);
}

TEST_P(RefundRulesTest, ALostDisputeIsARefund) {
  EXPECT_EQ(tell(dispute(Report::Taken, 100)).state(), State::Recorded);
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
  EXPECT_EQ(events().front().summary, "10.00 EUR taken back by a dispute");
  EXPECT_EQ(tell(dispute(Report::Lost, 200)).change(), nullptr);
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
}

TEST_P(RefundRulesTest, AWonDisputeGivesTheMoneyBack) {
  tell(dispute(Report::Taken, 100));
  EXPECT_EQ(tell(dispute(Report::GivenBack, 200)).state(), State::Undone);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
  EXPECT_EQ(tell(dispute(Report::Taken, 100)).state(), State::Duplicate);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
}

TEST_P(RefundRulesTest, ADisputeOfWhatWasRefundedTakesNothingMore) {
  tell(refund_of("r1", 1000));
  EXPECT_EQ(tell(dispute(Report::Lost, 200)).state(), State::ExceedsPayment);
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
  EXPECT_EQ(tell(dispute(Report::GivenBack, 300)).state(), State::Noted);
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
}

TEST_P(RefundRulesTest, AMarkWithoutACaptureIsRefundedUpToWhatItSaysToo) {
  must(run(store_.mark_processed(transaction("square:P3"), user(), 50)));
  EXPECT_EQ(tell(refund_of("r1", 80, RefundKind::Refund, "square:P3")).state(), State::ExceedsPayment);
  EXPECT_EQ(marked("square:P3"), 50u);
}

TEST_P(RefundRulesTest, TheLedgerLivesAsLongAsThePayment) {
  tell(refund_of("r1", 300, RefundKind::Refund, "square:P2"));
  clock_.advance(settings_.transaction_lifetime - 10s);
  pay("square:P2");
  clock_.advance(20s);
  EXPECT_EQ(tell(refund_of("r1", 300, RefundKind::Refund, "square:P2")).state(), State::Duplicate);
  EXPECT_EQ(tell(refund_of("r2", 200, RefundKind::Refund, "square:P2")).change()->changed.minor_units, 200u);
  EXPECT_EQ(marked("square:P2"), 500u);
}

TEST_P(RefundRulesTest, NoCaptureBeginsWithMoreRefundedThanItIsWorth) {
  auto given = capture(100);
  given.refunded.minor_units = 101;
  EXPECT_ERROR(run(store_.add_capture(user(), given)), InvalidArgument);
}

TEST_P(RefundRulesTest, RacingReportsEndAsTheyWouldInAnyOrder) {
  const std::vector<RefundRecord> reports{refund_of("r1", 700), failed("r1", 700), refund_of("r2", 600),
                                          dispute(Report::Taken, 100, 500), dispute(Report::Lost, 200, 500)};
  race(5, [&](int i) { ASSERT_TRUE(run(store_.record_refund(reports.at(static_cast<std::size_t>(i))))); });
  EXPECT_EQ(pending().refunded.minor_units, 1000u);
  EXPECT_EQ(marked(), 1000u);
}

// The payment and all reports about it, in every order and repeated: one result.
class RefundOrderTest : public RefundRulesTest {
 protected:
  void SetUp() override { run(store_.link(card(), user(), "4242")).value(); }

  void expect_one_end(const std::string& payment, std::vector<RefundRecord> reports, std::uint64_t cents) {
    std::vector<std::size_t> order(reports.size() + 1);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    int round = 0;
    do {
      const auto id = fmt::format("{}:{}", payment, round);
      for (int again = 0; again < 2; ++again) {
        // The second time only every other one is repeated.
        for (std::size_t i = static_cast<std::size_t>(again); i < order.size(); i += 1 + again) {
          if (order[i] == reports.size()) {
            pay(id);
            continue;
          }
          auto report = reports[order[i]];
          report.payment = transaction(id);
          tell(report);
        }
      }
      ASSERT_EQ(marked(id), cents) << round;
      const auto capture = pending();
      ASSERT_EQ(capture.refunded.minor_units, cents) << round;
      must(run(store_.settle_capture(user(), capture.id)));
      ++round;
    } while (std::ranges::next_permutation(order).found);
  }
  static RefundRecord total(std::uint64_t cents, std::int64_t at) {
    auto report = refund_of(fmt::format("total:{}", cents), cents, RefundKind::RunningTotal);
    report.reported_at = from_unix_seconds(at);
    return report;
  }
};
LOOPSTATE_STORE_SUITE(RefundOrderTest);

TEST_P(RefundOrderTest, OfPaymentRefundAndFailure) {
  expect_one_end("a", {refund_of("r1", 300), failed("r1", 300), refund_of("r2", 100)}, 100);
}

TEST_P(RefundOrderTest, OfPaymentRunningTotalsAndAFailure) {
  auto failure = failed("r1", 300);
  failure.begun_at = from_unix_seconds(100);
  failure.reported_at = from_unix_seconds(200);
  expect_one_end("b", {total(300, 100), failure, total(200, 300)}, 200);
}

TEST_P(RefundOrderTest, OfPaymentRefundAndDispute) {
  expect_one_end(
      "c", {refund_of("r1", 300), dispute(Report::Taken, 100, 500), dispute(Report::Lost, 200, 500)}, 800);
  expect_one_end(
      "d", {refund_of("r1", 700), dispute(Report::Taken, 100, 500), dispute(Report::GivenBack, 200, 500)},
      700);
}

}  // namespace
}  // namespace loopstate::testing
