#include <gmock/gmock.h>

#include "support.hpp"
#include "times.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;
using testing::HasSubstr;

Purchase purchase(std::string body) {
  return accepted<Purchase>(square_delivery(std::move(body)));
}
std::string ignored(std::string body) {
  return accepted<Ignored>(square_delivery(std::move(body))).reason;
}

TEST(ReadSquare, ACompletedCardPaymentIsAPurchase) {
  const auto read = purchase(payload("square-payment-created-completed"));
  EXPECT_EQ(read.provider, Provider::Square);
  EXPECT_EQ(read.transaction.text(), "square:PAYMENTinvented0000000000000001");
  EXPECT_EQ(read.fingerprint.text(),
            fingerprint_text("sq-1-INVENTEDcardFingerprintInvented00000000000000000000000001"));
  EXPECT_EQ(read.merchant.text(), "MINVENTED0001");
  EXPECT_EQ(read.amount.currency, Currency{"USD"});
  EXPECT_EQ(read.card_last4, "1111");
  EXPECT_EQ(read.card_brand, "VISA");
  EXPECT_EQ(read.occurred_at, from_unix_seconds(1'795'194'250));
  EXPECT_EQ(proof_type(read.provider), "square_pos");
}

TEST(ReadSquare, TheValueIsTheGoodsWithoutTheTip) {
  EXPECT_EQ(purchase(payload("square-payment-created-completed")).amount.minor_units,
            1'250u);  // of 1450 in total
}

TEST(ReadSquare, UpdatesOfACompletedPaymentHaveTheSameNameAndTime) {
  const auto created = purchase(payload("square-payment-created-completed"));
  for (const auto* name : {"square-payment-updated-completed", "square-payment-updated-fees"}) {
    const auto updated = purchase(payload(name));
    EXPECT_EQ(updated.transaction, created.transaction) << name;
    EXPECT_EQ(updated.occurred_at, created.occurred_at) << name;
    EXPECT_EQ(updated.amount, created.amount) << name;
  }
}

TEST(ReadSquare, AnAuthorisationTakesNoMoney) {
  EXPECT_THAT(ignored(payload("square-payment-created-approved")), HasSubstr("APPROVED"));
}

TEST(ReadSquare, FailedCancelledAndPendingPaymentsTakeNoMoney) {
  EXPECT_THAT(ignored(payload("square-payment-updated-failed")), HasSubstr("FAILED"));
  EXPECT_THAT(ignored(payload("square-payment-updated-canceled")), HasSubstr("CANCELED"));
  const auto completed = payload("square-payment-created-completed");
  EXPECT_THAT(ignored(with(completed, R"("status":"COMPLETED")", R"("status":"PENDING")")),
              HasSubstr("PENDING"));
  EXPECT_THAT(ignored(with(completed, R"("status":"COMPLETED")", R"("status":null)")), HasSubstr("missing"));
}

TEST(ReadSquare, TheUpdateThatARefundCausesIsNoPurchase) {
  EXPECT_THAT(ignored(payload("square-payment-updated-refunded")), HasSubstr("refund"));
}

TEST(ReadSquare, APaymentWithoutACardIsLeftAlone) {
  EXPECT_THAT(ignored(payload("square-payment-created-cash")), HasSubstr("not made with a card"));
}

TEST(ReadSquare, ACardWithoutFingerprintIsLeftAlone) {
  const auto body = payload("square-payment-created-completed");
  EXPECT_THAT(ignored(with(body, R"("fingerprint")", R"("fingerprint2")")), HasSubstr("no fingerprint"));
  EXPECT_THAT(ignored(with(body, R"("fingerprint":"sq-1)", R"("fingerprint":"","f2":"sq-1)")),
              HasSubstr("no fingerprint"));
}

TEST(ReadSquare, UnknownBrandsPass) {
  const auto body = with(payload("square-payment-created-completed"), "VISA", "NEW_BRAND");
  EXPECT_EQ(purchase(body).card_brand, "NEW_BRAND");
}

TEST(ReadSquare, ZeroAndThreeDecimalCurrenciesAreInTheirSmallestUnitAlready) {
  const auto body = payload("square-payment-created-completed");
  for (const auto* code : {"JPY", "KWD"}) {
    const auto read = purchase(with(body, "USD", code));
    EXPECT_EQ(read.amount.minor_units, 1'250u);
    EXPECT_EQ(read.amount.currency.text(), code);
  }
}

TEST(ReadSquare, AnAmountKeepsEveryDigit) {
  const auto body =
      with(payload("square-payment-created-completed"), R"("amount":1250)", R"("amount":9007199254740993)");
  EXPECT_EQ(purchase(body).amount.minor_units, 9'007'199'254'740'993u);
}

TEST(ReadSquare, ImpossibleAmountsAreRefusedByName) {
  const auto body = payload("square-payment-created-completed");
  for (const auto* amount : {"-1", "12.5", "18446744073709551616", "\"1250\"", "null", "1e30", "{}"}) {
    const auto refusal = refused(square_delivery(with(body, R"("amount_money":{"amount":1250)",
                                                      R"("amount_money":{"amount":)" + std::string(amount))));
    EXPECT_EQ(refusal.kind, RefusalKind::MalformedPayload) << amount;
    EXPECT_THAT(refusal.message, HasSubstr("data.object.payment.amount_money.amount")) << amount;
  }
  EXPECT_THAT(ignored(with(body, R"("amount":1250)", R"("amount":0)")), HasSubstr("zero"));
}

TEST(ReadSquare, MissingMembersAreRefusedByName) {
  const auto body = payload("square-payment-created-completed");
  const auto message = [&](std::string_view from, std::string_view to) {
    const auto refusal = refused(square_delivery(with(body, from, to)));
    EXPECT_EQ(refusal.kind, RefusalKind::MalformedPayload) << from;
    return refusal.message;
  };
  EXPECT_THAT(message(R"("id":"PAYMENTinvented0000000000000001","location_id")", R"("location_id")"),
              HasSubstr("data.object.payment.id is missing"));
  EXPECT_THAT(message(R"("amount_money")", R"("x")"),
              HasSubstr("data.object.payment.amount_money is missing"));
  EXPECT_THAT(message("2026-11-20T17:04:10.114Z", "2026-11-20T17:04:10"), HasSubstr("created_at"));
  EXPECT_THAT(message(R"("object":{"payment")", R"("object":{"other")"), HasSubstr("data.object.payment"));
  EXPECT_THAT(message(R"("currency":"USD")", R"("currency":"US")"),
              HasSubstr("currency is not three letters"));
}

TEST(ReadSquare, ALocationOrUnknownStandsInForAMissingMerchant) {
  const auto body = with(payload("square-payment-created-completed"), R"("merchant_id")", R"("x")");
  EXPECT_EQ(purchase(body).merchant.text(), "LINVENTED0001");
  EXPECT_EQ(purchase(with(body, R"("location_id")", R"("y")")).merchant.text(), kUnknownMerchant);
}

TEST(ReadSquare, TheEventsTimeStandsInForAMissingOne) {
  const auto body =
      with(payload("square-payment-created-completed"), R"("created_at":"2026-11-20T17:04:10.114Z",)", "");
  EXPECT_EQ(purchase(body).occurred_at, from_unix_seconds(1'795'194'251));
}

TEST(ReadSquare, ACompletedRefundIsOne) {
  const auto read = accepted<Refund>(square_delivery(payload("square-refund-updated-completed")));
  EXPECT_EQ(read.refund.text(), "square:PAYMENTinvented0000000000000001_REFUNDinvented01:refund");
  EXPECT_EQ(read.payment->text(), "square:PAYMENTinvented0000000000000001");
  EXPECT_EQ(read.amount.minor_units, 450u);
  EXPECT_EQ(read.kind, RefundKind::Refund);
  EXPECT_EQ(read.state, RefundState::Taken);
  EXPECT_EQ(read.amount.currency, Currency{"USD"});
  EXPECT_EQ(read.occurred_at, from_unix_seconds(1'795'252'353));
  EXPECT_EQ(read.begun_at, from_unix_seconds(1'795'252'350));
}

TEST(ReadSquare, ARefundCompletedAtOnceHasTheSameName) {
  const auto created = with(payload("square-refund-updated-completed"), "refund.updated", "refund.created");
  EXPECT_EQ(accepted<Refund>(square_delivery(created)).refund,
            accepted<Refund>(square_delivery(payload("square-refund-updated-completed"))).refund);
}

TEST(ReadSquare, ARefundThatIsNotCompletedIsNone) {
  EXPECT_THAT(ignored(payload("square-refund-created-pending")), HasSubstr("PENDING"));
}

TEST(ReadSquare, ARefundThatFailedIsGivenBackUnderItsName) {
  const auto completed = accepted<Refund>(square_delivery(payload("square-refund-updated-completed")));
  for (const auto* status : {"REJECTED", "FAILED"}) {
    const auto read = accepted<Refund>(
        square_delivery(with(payload("square-refund-updated-completed"), "COMPLETED", status)));
    EXPECT_EQ(read.state, RefundState::GivenBack) << status;
    EXPECT_EQ(read.refund, completed.refund);
    EXPECT_EQ(read.payment, completed.payment);
    EXPECT_EQ(read.amount.minor_units, 450u);
  }
}

std::string dispute_with(std::string_view state, std::string_view type = "dispute.state.updated") {
  return with(with(payload("square-dispute-state-updated"), "WON", state), "dispute.state.updated", type);
}

TEST(ReadSquare, ADisputeThatEndsSaysWhoHasTheMoney) {
  for (const auto& [state, expected] :
       {std::pair("LOST", RefundState::Lost), std::pair("ACCEPTED", RefundState::Lost),
        std::pair("WON", RefundState::GivenBack), std::pair("INQUIRY_CLOSED", RefundState::GivenBack)}) {
    const auto read = accepted<Refund>(square_delivery(dispute_with(state)));
    EXPECT_EQ(read.kind, RefundKind::Dispute);
    EXPECT_EQ(read.state, expected) << state;
    EXPECT_EQ(read.refund.text(), "square:DISPUTEinvented0001:dispute");
    EXPECT_EQ(read.payment->text(), "square:PAYMENTinvented0000000000000001");
    EXPECT_EQ(read.amount.minor_units, 1250u);
    EXPECT_EQ(read.amount.currency, Currency{"USD"});
    EXPECT_EQ(read.occurred_at, from_unix_seconds(1'797'024'881));
  }
}

TEST(ReadSquare, ADisputeThatGoesOnMovesNoMoney) {
  for (const auto* state :
       {"INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "EVIDENCE_REQUIRED", "PROCESSING"}) {
    EXPECT_THAT(ignored(dispute_with(state, "dispute.created")), HasSubstr(state));
    EXPECT_THAT(ignored(dispute_with(state)), HasSubstr(state));
  }
}

TEST(ReadSquare, ADisputeOfAnOlderApiVersionIsReadToo) {
  auto body = with(dispute_with("LOST", "dispute.state.changed"), R"("disputed_payment":{)",
                   R"("disputed_payments":[{)");
  body = with(body, R"(0001"},"due_at")", R"(0001"}],"due_at")");
  body = with(body, R"("id":"DISPUTEinvented0001","location)",
              R"("dispute_id":"DISPUTEinvented0001","location)");
  EXPECT_EQ(accepted<Refund>(square_delivery(body)).refund.text(), "square:DISPUTEinvented0001:dispute");
  EXPECT_EQ(accepted<Refund>(square_delivery(body)).payment->text(),
            "square:PAYMENTinvented0000000000000001");
}

TEST(ReadSquare, ADisputeWithoutItsPaymentIsAcknowledged) {
  EXPECT_THAT(ignored(with(payload("square-dispute-state-updated"), "disputed_payment", "x")),
              HasSubstr("names no payment"));
}

TEST(ReadSquare, AnUnlinkedRefundBelongsToNoPayment) {
  EXPECT_THAT(ignored(with(payload("square-refund-updated-completed"), R"("payment_id")", R"("x")")),
              HasSubstr("unlinked"));
}

TEST(ReadSquare, OtherEventsAreAcknowledged) {
  EXPECT_THAT(ignored(payload("square-order-created")), HasSubstr("order.created"));
}

TEST(ReadSquare, TheObsoleteVersionOneIsRefusedWithAHint) {
  const auto refusal = refused(square_delivery(payload("square-v1-payment-updated")));
  EXPECT_EQ(refusal.kind, RefusalKind::UnsupportedPayload);
  EXPECT_THAT(refusal.message, HasSubstr("payment.created"));
}

}  // namespace
}  // namespace loopstate::webhook
