#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support.hpp"
#include "times.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;
using testing::HasSubstr;

Purchase purchase(std::string body) {
  return accepted<Purchase>(stripe_delivery(std::move(body)));
}
Refund refund(std::string body) {
  return accepted<Refund>(stripe_delivery(std::move(body)));
}
std::string ignored(std::string body) {
  return accepted<Ignored>(stripe_delivery(std::move(body))).reason;
}

TEST(ReadStripe, ACapturedChargeIsAPurchase) {
  const auto read = purchase(payload("stripe-charge-succeeded"));
  EXPECT_EQ(read.provider, Provider::Stripe);
  EXPECT_EQ(read.transaction.text(), "stripe:ch_3INVENTED0000000000000001");
  EXPECT_EQ(read.fingerprint.text(), fingerprint_text("INVENTEDfingrpr1"));
  EXPECT_EQ(read.merchant.text(), "stripe");
  EXPECT_EQ(read.merchant_name, "INVENTED BOOKSHOP");
  EXPECT_EQ(read.amount.minor_units, 1'999u);
  EXPECT_EQ(read.amount.currency, Currency{"EUR"});
  EXPECT_EQ(read.card_last4, "4242");
  EXPECT_EQ(read.card_brand, "visa");
  EXPECT_EQ(read.occurred_at, from_unix_seconds(1'795'194'250));
  EXPECT_EQ(proof_type(read.provider), "stripe_connect");
}

TEST(ReadStripe, AnAuthorisationTakesNoMoney) {
  EXPECT_THAT(ignored(payload("stripe-charge-succeeded-uncaptured")), HasSubstr("authorised, not captured"));
}

TEST(ReadStripe, ACaptureOfAnAuthorisationIsWorthWhatWasCapturedUnderTheChargesName) {
  const auto read = purchase(payload("stripe-charge-captured-partly"));
  EXPECT_EQ(read.transaction.text(), "stripe:ch_3INVENTED0000000000000001");
  EXPECT_EQ(read.amount.minor_units, 1'500u);  // of 1999
  EXPECT_EQ(read.occurred_at, from_unix_seconds(1'795'194'250));
}

TEST(ReadStripe, AChargeThatIsNotPaidOrHasNotSucceededIsNoPurchase) {
  const auto body = payload("stripe-charge-succeeded");
  EXPECT_THAT(ignored(with(body, R"("paid": true)", R"("paid": false)")), HasSubstr("not paid"));
  EXPECT_THAT(ignored(with(body, R"("status": "succeeded")", R"("status": "pending")")),
              HasSubstr("pending"));
  EXPECT_THAT(ignored(with(body, R"("captured": true)", R"("captured": "true")")), HasSubstr("not captured"));
  const auto neither = with(with(body, R"("paid": true,)", ""), R"("status": "succeeded",)", "");
  EXPECT_THAT(ignored(neither), HasSubstr("not paid"));
}

TEST(ReadStripe, AStatusOfSucceededStandsInForPaid) {
  EXPECT_EQ(purchase(with(payload("stripe-charge-succeeded"), R"("paid": true,)", "")).amount.minor_units,
            1'999u);
}

TEST(ReadStripe, TheEventsTimeStandsInForAMissingOne) {
  const auto body = with(payload("stripe-charge-succeeded"), R"("created": 1795194250,)", "");
  EXPECT_EQ(purchase(body).occurred_at, from_unix_seconds(1'795'194'252));
}

TEST(ReadStripe, CardsInPersonAreReadFromTheirOwnObject) {
  const auto terminal = purchase(payload("stripe-charge-succeeded-card-present"));
  EXPECT_EQ(terminal.fingerprint.text(), fingerprint_text("INVENTEDfingrpr2"));
  EXPECT_EQ(terminal.card_last4, "4444");
  EXPECT_EQ(terminal.card_brand, "mastercard");
  EXPECT_EQ(terminal.merchant.text(), "acct_1INVENTED00000001");
  const auto interac = purchase(payload("stripe-charge-succeeded-interac-present"));
  EXPECT_EQ(interac.fingerprint.text(), fingerprint_text("INVENTEDfingrpr3"));
  EXPECT_EQ(interac.card_last4, "1933");
  EXPECT_EQ(interac.merchant.text(), "acct_1INVENTED00000002");
}

TEST(ReadStripe, WhatIsNoCardIsLeftAlone) {
  EXPECT_THAT(ignored(payload("stripe-charge-succeeded-sepa")), HasSubstr("not made with a card"));
}

TEST(ReadStripe, ACardWithoutFingerprintIsLeftAlone) {
  EXPECT_THAT(ignored(with(payload("stripe-charge-succeeded"), R"("INVENTEDfingrpr1")", "null")),
              HasSubstr("no fingerprint"));
}

TEST(ReadStripe, TheAccountThatATransferGoesToIsTheMerchant) {
  const auto body = with(payload("stripe-charge-succeeded"), R"("transfer_data": null)",
                         R"("transfer_data": {"amount": null, "destination": "acct_1INVENTED00000003"})");
  EXPECT_EQ(purchase(body).merchant.text(), "acct_1INVENTED00000003");
}

TEST(ReadStripe, CurrenciesFollowStripesExceptions) {
  const auto in = [](std::string_view currency, std::string_view amount) {
    auto body = with(payload("stripe-charge-succeeded"), R"("eur")", "\"" + std::string(currency) + "\"");
    return purchase(with(body, "1999,", std::string(amount) + ",")).amount.minor_units;
  };
  EXPECT_EQ(in("jpy", "500"), 500u);
  EXPECT_EQ(in("kwd", "5120"), 5'120u);
  EXPECT_EQ(in("huf", "12300"), 12'300u);
  EXPECT_EQ(in("twd", "80000"), 80'000u);
  EXPECT_EQ(in("ugx", "500"), 5u);
  EXPECT_EQ(in("isk", "120000"), 1'200u);
  EXPECT_EQ(in("mga", "500"), 50'000u);
}

TEST(ReadStripe, DecimalsThatMustBeZeroAndAreNotAreRefused) {
  const auto body = with(payload("stripe-charge-succeeded"), R"("eur")", R"("isk")");
  const auto refusal = refused(stripe_delivery(body));
  EXPECT_EQ(refusal.kind, RefusalKind::MalformedPayload);
  EXPECT_THAT(refusal.message, HasSubstr("data.object.amount_captured does not end in 00"));
}

TEST(ReadStripe, OldChargesWithoutAmountCapturedTookTheirWholeAmount) {
  const auto body = with(payload("stripe-charge-succeeded"), R"("amount_captured": 1999,)", "");
  EXPECT_EQ(purchase(body).amount.minor_units, 1'999u);
  const auto captured = with(payload("stripe-charge-captured-partly"), R"("amount_captured": 1500,)", "");
  EXPECT_THAT(refused(stripe_delivery(captured)).message, HasSubstr("amount_captured is missing"));
}

TEST(ReadStripe, ImpossibleAmountsAreRefusedByName) {
  for (const auto* amount : {"-1", "19.99", "18446744073709551616", "\"1999\"", "[]"}) {
    const auto refusal =
        refused(stripe_delivery(with(payload("stripe-charge-succeeded"), R"("amount_captured": 1999)",
                                     R"("amount_captured": )" + std::string(amount))));
    EXPECT_EQ(refusal.kind, RefusalKind::MalformedPayload) << amount;
    EXPECT_THAT(refusal.message, HasSubstr("data.object.amount_captured")) << amount;
  }
}

TEST(ReadStripe, ARefundIsTheChargesRunningTotal) {
  const auto first = refund(payload("stripe-charge-refunded-partly"));
  EXPECT_EQ(first.refund.text(),
            "stripe:ch_3INVENTED0000000000000001:refunded:500:evt_3INVENTED0000000000000007");
  EXPECT_EQ(first.payment->text(), "stripe:ch_3INVENTED0000000000000001");
  EXPECT_EQ(first.amount.minor_units, 500u);
  EXPECT_EQ(first.kind, RefundKind::RunningTotal);
  EXPECT_EQ(first.state, RefundState::Taken);
  EXPECT_EQ(first.amount.currency, Currency{"EUR"});
  EXPECT_EQ(first.occurred_at, from_unix_seconds(1'795'367'999));
  const auto second = refund(payload("stripe-charge-refunded-fully"));
  EXPECT_EQ(second.refund.text(),
            "stripe:ch_3INVENTED0000000000000001:refunded:1999:evt_3INVENTED0000000000000008");
  EXPECT_EQ(second.amount.minor_units, 1'999u);
}

TEST(ReadStripe, ReleasingWhatWasNotCapturedIsNoRefund) {
  EXPECT_THAT(ignored(payload("stripe-charge-refunded-uncaptured")), HasSubstr("authorisation was released"));
  const auto partly = with(payload("stripe-charge-captured-partly"), "charge.captured", "charge.refunded");
  EXPECT_THAT(ignored(partly), HasSubstr("nothing of what was taken"));
  const auto and_more = with(partly, R"("amount_refunded": 499)", R"("amount_refunded": 700)");
  EXPECT_EQ(refund(and_more).amount.minor_units, 201u);
}

TEST(ReadStripe, ARefundInUgxIsCountedLikeItsCharge) {
  auto body = with(payload("stripe-charge-refunded-partly"), R"("eur")", R"("ugx")");
  EXPECT_EQ(refund(with(body, "1999", "2000")).amount.minor_units, 5u);
}

TEST(ReadStripe, ARefundThatFailsIsGivenBackWhicheverEventTellsIt) {
  for (const auto* type : {"refund.failed", "refund.updated", "refund.created", "charge.refund.updated"}) {
    for (const auto* status : {"failed", "canceled"}) {
      auto body = with(payload("stripe-refund-created"), "refund.created", type);
      body = with(body, R"("status": "succeeded")", fmt::format(R"("status": "{}")", status));
      const auto read = refund(body);
      EXPECT_EQ(read.refund.text(), "stripe:re_3INVENTED0000000000000001:refund");
      EXPECT_EQ(read.payment->text(), "stripe:ch_3INVENTED0000000000000001");
      EXPECT_EQ(read.kind, RefundKind::Refund);
      EXPECT_EQ(read.state, RefundState::GivenBack);
      EXPECT_EQ(read.amount.minor_units, 500u);
      EXPECT_EQ(read.amount.currency, Currency{"EUR"});
      EXPECT_EQ(read.begun_at, from_unix_seconds(1'795'367'998));
      EXPECT_EQ(read.occurred_at, from_unix_seconds(1'795'194'252));
    }
  }
}

TEST(ReadStripe, AFailedRefundIsInItsCurrencysSmallestUnit) {
  auto body = with(payload("stripe-refund-created"), R"("status": "succeeded")", R"("status": "failed")");
  EXPECT_EQ(refund(with(body, R"("eur")", R"("isk")")).amount.minor_units, 5u);
  EXPECT_EQ(refund(with(body, R"("eur")", R"("jpy")")).amount.minor_units, 500u);
}

TEST(ReadStripe, AFailedRefundOfNoChargeIsAcknowledged) {
  auto body = with(payload("stripe-refund-created"), R"("status": "succeeded")", R"("status": "failed")");
  EXPECT_THAT(ignored(with(body, R"("charge": "ch_3INVENTED0000000000000001")", R"("charge": null)")),
              HasSubstr("no charge"));
}

std::string dispute_with(std::string_view type, std::string_view status) {
  auto body = with(payload("stripe-dispute-closed"), "charge.dispute.closed", type);
  return with(body, R"("status": "lost")", fmt::format(R"("status": "{}")", status));
}

TEST(ReadStripe, ADisputeSaysWhoHasTheMoney) {
  struct Told {
    const char* type;
    const char* status;
    RefundState state;
  };
  for (const auto& told : {Told{"charge.dispute.funds_withdrawn", "needs_response", RefundState::Taken},
                           Told{"charge.dispute.funds_reinstated", "under_review", RefundState::GivenBack},
                           Told{"charge.dispute.funds_reinstated", "won", RefundState::GivenBack},
                           Told{"charge.dispute.closed", "won", RefundState::GivenBack},
                           Told{"charge.dispute.closed", "warning_closed", RefundState::GivenBack},
                           Told{"charge.dispute.closed", "lost", RefundState::Lost},
                           Told{"charge.dispute.updated", "lost", RefundState::Lost}}) {
    const auto read = refund(dispute_with(told.type, told.status));
    EXPECT_EQ(read.kind, RefundKind::Dispute);
    EXPECT_EQ(read.state, told.state) << told.type << " " << told.status;
    EXPECT_EQ(read.refund.text(), "stripe:du_1INVENTED0000000000000001:dispute");
    EXPECT_EQ(read.payment->text(), "stripe:ch_3INVENTED0000000000000001");
    EXPECT_EQ(read.amount.minor_units, 1'999u);
    EXPECT_EQ(read.amount.currency, Currency{"EUR"});
    EXPECT_EQ(read.begun_at, from_unix_seconds(1'795'901'093));
    EXPECT_EQ(read.occurred_at, from_unix_seconds(1'797'024'881));
  }
}

TEST(ReadStripe, ADisputeThatIsOpenMovesNoMoney) {
  for (const auto* status :
       {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}) {
    EXPECT_THAT(ignored(dispute_with("charge.dispute.created", status)), HasSubstr(status));
    EXPECT_THAT(ignored(dispute_with("charge.dispute.updated", status)), HasSubstr(status));
  }
}

TEST(ReadStripe, WhatAnotherEventTellsIsAcknowledged) {
  EXPECT_THAT(ignored(payload("stripe-payment-intent-succeeded")),
              HasSubstr("the charge's own event counts"));
  EXPECT_THAT(ignored(payload("stripe-refund-created")), HasSubstr("charge.refunded counts"));
  for (const auto* type : {"refund.updated", "charge.refund.updated"}) {
    EXPECT_THAT(ignored(with(payload("stripe-refund-created"), "refund.created", type)),
                HasSubstr("charge.refunded counts"));
  }
  EXPECT_THAT(ignored(payload("stripe-charge-failed")), HasSubstr("charge.failed"));
  for (const auto* type : {"charge.updated", "invoice.paid"}) {
    EXPECT_THAT(ignored(with(payload("stripe-charge-succeeded"), "charge.succeeded", type)), HasSubstr(type));
  }
}

TEST(ReadStripe, AThinEventIsRefusedWithAHint) {
  const auto refusal = refused(stripe_delivery(payload("stripe-thin-event")));
  EXPECT_EQ(refusal.kind, RefusalKind::UnsupportedPayload);
  EXPECT_THAT(refusal.message, HasSubstr("snapshot"));
}

TEST(ReadStripe, WhatIsNoEventIsRefused) {
  EXPECT_EQ(refused(stripe_delivery("{}")).kind, RefusalKind::MalformedPayload);
  EXPECT_EQ(refused(stripe_delivery(R"({"object":"charge"})")).kind, RefusalKind::MalformedPayload);
  EXPECT_EQ(refused(stripe_delivery(R"({"object":"event","type":"charge.succeeded","data":[]})")).kind,
            RefusalKind::MalformedPayload);
}

}  // namespace
}  // namespace loopstate::webhook
