// Money that goes back, from the providers' deliveries to the user's state: in any order, more than once.
#include <algorithm>

#include "agent_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::HasSubstr;

constexpr std::string_view kCard = "stripe-card";

std::string stripe_event(std::string_view type, Timestamp at, std::string_view object,
                         std::string_view livemode = "true") {
  return fmt::format(R"({{"id":"evt_{0}_{1}","object":"event","type":"{0}","created":{1},"livemode":{2},)"
                     R"("data":{{"object":{3}}}}})",
                     type, unix_seconds(at), livemode, object);
}

std::string refunded(std::string_view charge, std::uint64_t total, Timestamp at, std::uint64_t paid = 1000,
                     std::string_view currency = "eur") {
  return stripe_event("charge.refunded", at,
                      fmt::format(R"({{"id":"{0}","object":"charge","amount":{3},"amount_captured":{3},)"
                                  R"("amount_refunded":{1},"captured":true,"currency":"{2}","created":{4}}})",
                                  charge, total, currency, paid, unix_seconds(kNow - 60s)));
}

std::string refund_failed(std::string_view charge, std::uint64_t cents, Timestamp begun, Timestamp at,
                          std::string_view type = "refund.failed") {
  return stripe_event(type, at,
                      fmt::format(R"({{"id":"re_{}","object":"refund","amount":{},"charge":"{}",)"
                                  R"("currency":"eur","created":{},"status":"failed"}})",
                                  unix_seconds(begun), cents, charge, unix_seconds(begun)));
}

std::string dispute(std::string_view type, std::string_view status, std::string_view charge, Timestamp at,
                    std::uint64_t cents = 1000) {
  return stripe_event(fmt::format("charge.dispute.{}", type), at,
                      fmt::format(R"({{"id":"du_1","object":"dispute","amount":{},"charge":"{}",)"
                                  R"("currency":"eur","created":{},"status":"{}"}})",
                                  cents, charge, unix_seconds(kNow), status));
}

std::string square_dispute(std::string_view state, std::string_view payment, std::string_view updated_at) {
  return fmt::format(
      R"({{"merchant_id":"M1","type":"dispute.state.updated","event_id":"e3","created_at":"{2}","data":)"
      R"({{"type":"dispute","object":{{"dispute":{{"id":"D1","state":"{0}","updated_at":"{2}",)"
      R"("amount_money":{{"amount":1250,"currency":"EUR"}},"disputed_payment":{{"payment_id":"{1}"}}}}}}}}}})",
      state, payment, updated_at);
}

class RefundsTest : public AgentTest {
 protected:
  void SetUp() override { link(kCard, "U1"); }
  Answer on_stripe(std::string body) { return handle(stripe(std::move(body))); }
  Outcome pay(std::string_view charge = "ch_1", std::uint64_t cents = 1000) {
    return on_stripe(stripe_charge(charge, kCard, cents)).outcome;
  }
  std::uint64_t taken_off() { return snapshot("U1").captures.at(0).refunded.minor_units; }
};

TEST_F(RefundsTest, AFailedStripeRefundComesBackAndDoesNotHideTheNext) {
  pay();
  EXPECT_EQ(on_stripe(refunded("ch_1", 300, kNow)).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(on_stripe(refund_failed("ch_1", 300, kNow, kNow + 50s)).outcome, Outcome::RefundUndone);
  EXPECT_EQ(taken_off(), 0u);
  EXPECT_EQ(on_stripe(refund_failed("ch_1", 300, kNow, kNow + 50s, "refund.updated")).outcome,
            Outcome::Duplicate);
  EXPECT_EQ(on_stripe(refunded("ch_1", 200, kNow + 90s)).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(taken_off(), 200u);
  EXPECT_EQ(on_stripe(refunded("ch_1", 300, kNow)).outcome, Outcome::Duplicate);
  EXPECT_EQ(taken_off(), 200u);
}

TEST_F(RefundsTest, AllWithinOneSecondTheNextRefundIsNotHiddenEither) {
  pay();
  on_stripe(refunded("ch_1", 300, kNow));
  on_stripe(refund_failed("ch_1", 300, kNow, kNow));
  EXPECT_EQ(taken_off(), 0u);
  on_stripe(refunded("ch_1", 200, kNow));
  EXPECT_EQ(taken_off(), 200u);
}

TEST_F(RefundsTest, MoreThanWasPaidIsAcknowledgedLoggedCountedAndNotTakenOff) {
  pay();
  const auto answer = on_stripe(refunded("ch_1", 18'446'744'073'709'551'615u, kNow, 1000));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::RefundExceeds);
  EXPECT_EQ(taken_off(), 1000u);
  EXPECT_THAT(log_lines().back(), HasSubstr("\"outcome\":\"refund_exceeds\""));
  EXPECT_THAT(log_lines().back(), HasSubstr("\"level\":\"warning\""));
  EXPECT_THAT(agent->metrics(), HasSubstr("{source=\"stripe\",outcome=\"refund_exceeds\"} 1\n"));
}

TEST_F(RefundsTest, AnotherCurrencyIsAcknowledgedLoggedCountedAndNotTakenOff) {
  pay();
  on_stripe(refunded("ch_1", 300, kNow));
  const auto answer = on_stripe(refunded("ch_1", 900, kNow + 9s, 1000, "usd"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::RefundOtherCurrency);
  EXPECT_EQ(taken_off(), 300u);
  EXPECT_THAT(log_lines().back(), HasSubstr("not in the currency of the payment"));
  EXPECT_THAT(agent->metrics(), HasSubstr("{source=\"stripe\",outcome=\"refund_other_currency\"} 1\n"));
}

TEST_F(RefundsTest, AStripeDisputeTakesTheMoneyAndGivesItBackWhenItIsWon) {
  pay();
  EXPECT_EQ(on_stripe(dispute("created", "needs_response", "ch_1", kNow)).outcome, Outcome::Ignored);
  EXPECT_EQ(on_stripe(dispute("funds_withdrawn", "needs_response", "ch_1", kNow)).outcome,
            Outcome::RefundRecorded);
  EXPECT_EQ(taken_off(), 1000u);
  EXPECT_EQ(snapshot("U1").context->recent_events.at(0).summary, "10.00 EUR taken back by a dispute");
  EXPECT_EQ(on_stripe(dispute("closed", "won", "ch_1", kNow + 50s)).outcome, Outcome::RefundUndone);
  EXPECT_EQ(taken_off(), 0u);
  EXPECT_EQ(on_stripe(dispute("funds_reinstated", "won", "ch_1", kNow + 51s)).outcome, Outcome::Duplicate);
  EXPECT_EQ(on_stripe(dispute("funds_withdrawn", "needs_response", "ch_1", kNow)).outcome,
            Outcome::Duplicate);
  EXPECT_EQ(taken_off(), 0u);
  EXPECT_EQ(snapshot("U1").context->recent_events.at(0).summary, "10.00 EUR back: a dispute was won");
}

TEST_F(RefundsTest, AStripeDisputeThatIsLostIsARefund) {
  pay();
  EXPECT_EQ(on_stripe(dispute("closed", "lost", "ch_1", kNow + 50s, 400)).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(taken_off(), 400u);
}

TEST_F(RefundsTest, AnInquiryThatBecameNoDisputeTakesNothing) {
  pay();
  EXPECT_EQ(on_stripe(dispute("created", "warning_needs_response", "ch_1", kNow)).outcome, Outcome::Ignored);
  EXPECT_EQ(on_stripe(dispute("closed", "warning_closed", "ch_1", kNow + 50s)).outcome, Outcome::RefundNoted);
  EXPECT_EQ(taken_off(), 0u);
}

TEST_F(RefundsTest, ASquareDisputeIsARefundWhenItIsLostAndNoneWhenItIsWon) {
  link("sq0-card", "U2");
  handle(square(square_payment({})));
  EXPECT_EQ(handle(square(square_dispute("PROCESSING", "pay1", "2025-06-15T15:01:00Z"))).outcome,
            Outcome::Ignored);
  EXPECT_EQ(handle(square(square_dispute("LOST", "pay1", "2025-06-15T15:02:00Z"))).outcome,
            Outcome::RefundRecorded);
  EXPECT_EQ(snapshot("U2").captures.at(0).refunded.minor_units, 1250u);
  EXPECT_EQ(handle(square(square_dispute("LOST", "pay1", "2025-06-15T15:02:00Z"))).outcome,
            Outcome::Duplicate);
  EXPECT_EQ(handle(square(square_dispute("WON", "pay1", "2025-06-15T15:03:00Z"))).outcome,
            Outcome::RefundUndone);
  EXPECT_EQ(snapshot("U2").captures.at(0).refunded.minor_units, 0u);
}

TEST_F(RefundsTest, ASquareRefundThatFailsComesBack) {
  link("sq0-card", "U2");
  handle(square(square_payment({})));
  auto failed = square_refund("rf1", "pay1", 300);
  failed.replace(failed.find("COMPLETED"), 9, "FAILED");
  handle(square(square_refund("rf1", "pay1", 300)));
  EXPECT_EQ(handle(square(failed)).outcome, Outcome::RefundUndone);
  EXPECT_EQ(handle(square(square_refund("rf1", "pay1", 300))).outcome, Outcome::Duplicate);
  EXPECT_EQ(snapshot("U2").captures.at(0).refunded.minor_units, 0u);
}

TEST_F(RefundsTest, OfCurrenciesWithoutDecimalsAndWithThreeAreCountedInTheirSmallestUnit) {
  link("sq0-card", "U2");
  link("fidel-card", "U3");
  SquarePayment yen;
  yen.currency = "JPY";
  handle(square(square_payment(yen)));
  auto back = square_refund("rf1", "pay1", 250);
  back.replace(back.find("EUR"), 3, "JPY");
  EXPECT_EQ(handle(square(back)).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(snapshot("U2").context->recent_events.at(0).summary, "250 JPY refunded");

  const auto dinar = [](std::string_view id, std::string_view amount) {
    auto body = fidel_transaction(id, "fidel-card", amount);
    body.replace(body.find("EUR"), 3, "KWD");
    return body;
  };
  EXPECT_EQ(handle(fidel(webhook::FidelKind::Clearing, dinar("t1", "5.125"))).outcome, Outcome::Recorded);
  auto part = dinar("t2", "-1.005");
  part.insert(1, R"("originalTransactionId":"t1",)");
  EXPECT_EQ(handle(fidel(webhook::FidelKind::Refund, part)).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(snapshot("U3").captures.at(0).refunded.minor_units, 1005u);
  EXPECT_EQ(snapshot("U3").context->recent_events.at(0).summary, "1.005 KWD refunded");
  // More digits than the currency has, and values that are not amounts, are refused and never rounded.
  for (const auto* amount : {"-0.0005", "1e30", "-1e30", "\"5\"", "null"}) {
    EXPECT_EQ(handle(fidel(webhook::FidelKind::Refund, dinar("t3", amount))).status, 422) << amount;
  }
  EXPECT_EQ(handle(fidel(webhook::FidelKind::Refund, dinar("t3", "0"))).outcome, Outcome::Ignored);
}

TEST_F(RefundsTest, AnAmountThatIsNoneIsRefused) {
  pay();
  for (const auto* amount : {"-5", "1.5", "18446744073709551616", "\"5\""}) {
    auto body = refunded("ch_1", 300, kNow);
    body.replace(body.find("\"amount_refunded\":300"), 21, fmt::format("\"amount_refunded\":{}", amount));
    EXPECT_EQ(on_stripe(body).status, 422) << amount;
  }
  EXPECT_EQ(taken_off(), 0u);
}

TEST_F(RefundsTest, TestModeIsNoMoneyAndIsLoggedAndCounted) {
  auto body = stripe_charge("ch_1", kCard, 1000);
  body.replace(body.find("\"livemode\":true"), 15, "\"livemode\":false");
  const auto answer = on_stripe(body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::TestPayment);
  EXPECT_TRUE(snapshot("U1").captures.empty());
  EXPECT_THAT(log_lines().back(), HasSubstr("livemode is false"));
  EXPECT_THAT(agent->metrics(), HasSubstr("{source=\"stripe\",outcome=\"test_payment\"} 1\n"));
}

// The payment and the reports about it, in every order, and then all of it again.
class RefundOrderTest : public RefundsTest {
 protected:
  void expect_one_end(std::vector<std::string> bodies, std::uint64_t cents) {
    std::ranges::sort(bodies);
    int round = 0;
    do {
      const auto charge = fmt::format("ch_{}", round++);
      for (int again = 0; again < 2; ++again) {
        for (auto body : bodies) {
          for (auto at = body.find("CHARGE"); at != body.npos; at = body.find("CHARGE"))
            body.replace(at, 6, charge);
          ASSERT_EQ(on_stripe(body).status, 200);
        }
      }
      const auto capture = snapshot("U1").captures.at(0);
      ASSERT_EQ(capture.refunded.minor_units, cents) << round;
      ASSERT_TRUE(runner.run(store.settle_capture(*UserId::parse("U1"), capture.id)));
    } while (std::ranges::next_permutation(bodies).found);
  }
  const std::string payment_ = stripe_charge("CHARGE", kCard, 1000);
};

TEST_F(RefundOrderTest, OfPaymentRefundFailureAndTheNextRefund) {
  expect_one_end({payment_, refunded("CHARGE", 300, kNow), refund_failed("CHARGE", 300, kNow, kNow + 50s),
                  refunded("CHARGE", 200, kNow + 90s)},
                 200);
}

TEST_F(RefundOrderTest, OfPaymentRefundAndALostDispute) {
  expect_one_end({payment_, refunded("CHARGE", 300, kNow),
                  dispute("funds_withdrawn", "needs_response", "CHARGE", kNow + 10s, 500),
                  dispute("closed", "lost", "CHARGE", kNow + 50s, 500)},
                 800);
}

TEST_F(RefundOrderTest, OfPaymentRefundAndAWonDispute) {
  expect_one_end({payment_, refunded("CHARGE", 300, kNow),
                  dispute("funds_withdrawn", "needs_response", "CHARGE", kNow + 10s),
                  dispute("closed", "won", "CHARGE", kNow + 50s),
                  dispute("funds_reinstated", "won", "CHARGE", kNow + 50s)},
                 300);
}

}  // namespace
}  // namespace loopstate::agent
