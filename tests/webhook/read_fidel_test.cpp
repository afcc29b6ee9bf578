#include <gmock/gmock.h>

#include "support.hpp"
#include "times.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;
using testing::HasSubstr;

constexpr std::string_view kCard = "11111111-1111-4111-8111-000000000001";

Purchase purchase(std::string body) {
  return accepted<Purchase>(fidel_delivery(FidelKind::Clearing, std::move(body)));
}
Refund refund(FidelKind kind, std::string body) {
  return accepted<Refund>(fidel_delivery(kind, std::move(body)));
}
std::string ignored(FidelKind kind, std::string body) {
  return accepted<Ignored>(fidel_delivery(kind, std::move(body))).reason;
}
std::string clearing_of(std::string_view amount, std::string_view currency) {
  auto body =
      with(payload("fidel-transaction-clearing"), R"("amount":5.44)", R"("amount":)" + std::string(amount));
  return with(body, R"("currency":"GBP")", R"("currency":")" + std::string(currency) + "\"");
}

TEST(ReadFidel, AClearingIsAPurchase) {
  const auto read = purchase(payload("fidel-transaction-clearing"));
  EXPECT_EQ(read.provider, Provider::Fidel);
  EXPECT_EQ(read.transaction.text(), "fidel:11111111-1111-4111-8111-000000000100:clearing");
  EXPECT_EQ(read.fingerprint.text(), fingerprint_text(kCard));
  EXPECT_EQ(read.merchant.text(), "11111111-1111-4111-8111-000000000020");
  EXPECT_EQ(read.merchant_name, "Invented Coffee");
  EXPECT_EQ(read.amount.minor_units, 544u);
  EXPECT_EQ(read.amount.currency, Currency{"GBP"});
  EXPECT_EQ(read.card_last4, "4001");
  EXPECT_EQ(read.card_brand, "visa");
  EXPECT_EQ(proof_type(read.provider), "fidel");
}

TEST(ReadFidel, TheTimeIsWhenItWasCreatedNotTheShopsClock) {
  EXPECT_EQ(purchase(payload("fidel-transaction-clearing")).occurred_at, from_unix_seconds(1'794'991'267));
}

TEST(ReadFidel, AnAuthorisationTakesNoMoney) {
  EXPECT_THAT(ignored(FidelKind::Auth, payload("fidel-transaction-auth")), HasSubstr("authorisation"));
  EXPECT_THAT(ignored(FidelKind::Clearing, payload("fidel-transaction-auth")), HasSubstr("not cleared"));
}

TEST(ReadFidel, AmountsAreScaledByTheirCurrency) {
  EXPECT_EQ(purchase(clearing_of("100", "GBP")).amount.minor_units, 10'000u);
  EXPECT_EQ(purchase(clearing_of("19.99", "EUR")).amount.minor_units, 1'999u);
  EXPECT_EQ(purchase(clearing_of("500", "JPY")).amount.minor_units, 500u);
  EXPECT_EQ(purchase(clearing_of("500.00", "JPY")).amount.minor_units, 500u);
  EXPECT_EQ(purchase(clearing_of("1.234", "KWD")).amount.minor_units, 1'234u);
  EXPECT_EQ(purchase(clearing_of("90071992547409.93", "GBP")).amount.minor_units, 9'007'199'254'740'993u);
}

TEST(ReadFidel, DigitsThatDoNotFitTheCurrencyAreRefusedNotRounded) {
  for (const auto& [amount, currency] : {std::pair{"5.445", "GBP"}, {"0.5", "JPY"}, {"1.2345", "KWD"}}) {
    const auto refusal = refused(fidel_delivery(FidelKind::Clearing, clearing_of(amount, currency)));
    EXPECT_EQ(refusal.kind, RefusalKind::MalformedPayload) << amount;
    EXPECT_THAT(refusal.message, testing::StartsWith("amount ")) << amount;
  }
}

TEST(ReadFidel, ImpossibleAmountsAreRefused) {
  for (const auto* amount : {"1e30", "\"5.44\"", "null", "true", "184467440737095516.16"}) {
    EXPECT_EQ(refused(fidel_delivery(FidelKind::Clearing, clearing_of(amount, "GBP"))).kind,
              RefusalKind::MalformedPayload)
        << amount;
  }
}

TEST(ReadFidel, AnUnknownCurrencyIsRefusedSinceItsDigitsAreUnknown) {
  EXPECT_THAT(refused(fidel_delivery(FidelKind::Clearing, clearing_of("5.44", "ZZZ"))).message,
              HasSubstr("currency ZZZ is not known"));
}

TEST(ReadFidel, ZeroIsNoPurchase) {
  EXPECT_THAT(ignored(FidelKind::Clearing, clearing_of("0.00", "GBP")), HasSubstr("zero"));
}

TEST(ReadFidel, TheTwoEventsOfOneRefundAreOneRefund) {
  const auto as_refund = refund(FidelKind::Refund, payload("fidel-transaction-refund"));
  const auto as_clearing = refund(FidelKind::Clearing, payload("fidel-transaction-clearing-of-refund"));
  EXPECT_EQ(as_refund.refund.text(), "fidel:11111111-1111-4111-8111-000000000101:refund");
  EXPECT_EQ(as_clearing.refund, as_refund.refund);
  EXPECT_EQ(as_refund.payment->text(), "fidel:11111111-1111-4111-8111-000000000100:clearing");
  EXPECT_EQ(as_refund.amount.minor_units, 240u);
  EXPECT_EQ(as_clearing.amount.minor_units, 240u);
  EXPECT_EQ(as_refund.kind, RefundKind::Refund);
  EXPECT_EQ(as_refund.state, RefundState::Taken);
  EXPECT_EQ(as_refund.amount.currency, Currency{"GBP"});
  EXPECT_EQ(as_refund.occurred_at, from_unix_seconds(1'795'323'672));
  EXPECT_EQ(as_refund.fingerprint->text(), fingerprint_text(kCard));
}

TEST(ReadFidel, ARefundThatFidelDidNotMatchNamesNoPayment) {
  const auto read = refund(FidelKind::Refund, payload("fidel-transaction-refund-unmatched"));
  EXPECT_FALSE(read.payment);
  EXPECT_TRUE(read.fingerprint);
}

TEST(ReadFidel, AFlatPayloadOf2018IsReadToo) {
  const auto read = purchase(payload("fidel-transaction-clearing-2018"));
  EXPECT_EQ(read.fingerprint.text(), fingerprint_text(kCard));
  EXPECT_EQ(read.amount.minor_units, 10'000u);
  EXPECT_EQ(read.merchant.text(), "11111111-1111-4111-8111-000000000020");
  EXPECT_EQ(read.card_last4, "4001");
  EXPECT_EQ(read.card_brand, "visa");
}

TEST(ReadFidel, TheLocationOrTheMidOrUnknownStandsInForTheBrand) {
  auto body = with(payload("fidel-transaction-clearing"), R"("brand":{)", R"("other":{)");
  EXPECT_EQ(purchase(body).merchant.text(), "11111111-1111-4111-8111-000000000030");
  EXPECT_FALSE(purchase(body).merchant_name);
  body = with(body, R"("location":{)", R"("other2":{)");
  EXPECT_EQ(purchase(body).merchant.text(), "INVENTEDMID001");
  body = with(body, R"("MID")", R"("other")");
  EXPECT_EQ(purchase(body).merchant.text(), kUnknownMerchant);
}

TEST(ReadFidel, ALocalTimeInPlaceOfCreatedIsRefused) {
  const auto body =
      with(payload("fidel-transaction-clearing"), "2026-11-18T08:41:07.512Z", "2026-11-18T08:41:07");
  EXPECT_THAT(refused(fidel_delivery(FidelKind::Clearing, body)).message, HasSubstr("created is not a time"));
}

TEST(ReadFidel, ALinkedCardNamesItsUserInTheMetadata) {
  const auto read = accepted<CardLinked>(fidel_delivery(FidelKind::CardLinked, payload("fidel-card-linked")));
  EXPECT_EQ(read.user.text(), "InventedUser1");
  EXPECT_EQ(read.card_last4, "4001");
  // The card that transactions carry in card.id.
  EXPECT_EQ(read.fingerprint, purchase(payload("fidel-transaction-clearing")).fingerprint);
}

TEST(ReadFidel, ALinkedCardWithoutAUserIsAcknowledged) {
  EXPECT_THAT(ignored(FidelKind::CardLinked, payload("fidel-card-linked-without-user")),
              HasSubstr("user_pubkey"));
  const auto body = payload("fidel-card-linked");
  EXPECT_THAT(ignored(FidelKind::CardLinked, with(body, R"({"user_pubkey":"InventedUser1"})", "null")),
              HasSubstr("user_pubkey"));
  EXPECT_THAT(ignored(FidelKind::CardLinked, with(body, R"("InventedUser1")", "7")),
              HasSubstr("user_pubkey"));
  EXPECT_THAT(ignored(FidelKind::CardLinked, with(body, "InventedUser1", std::string(201, 'U'))),
              HasSubstr("user is 201 bytes long"));
}

TEST(ReadFidel, ACardThatFailedIsAcknowledged) {
  EXPECT_THAT(ignored(FidelKind::CardLinked, payload("fidel-card-failed")), HasSubstr("card.failed"));
}

}  // namespace
}  // namespace loopstate::webhook
