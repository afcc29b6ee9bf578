#include "webhook/process.hpp"

#include <gmock/gmock.h>

#include <random>

#include "support.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::Not;

std::vector<Delivery> one_of_each() {
  std::vector<Delivery> deliveries;
  deliveries.push_back(square_delivery(payload("square-payment-created-completed")));
  deliveries.push_back(stripe_delivery(payload("stripe-charge-succeeded")));
  deliveries.push_back(fidel_delivery(FidelKind::Clearing, payload("fidel-transaction-clearing")));
  return deliveries;
}

TEST(Process, AProviderWithoutASecretIsSwitchedOff) {
  for (auto& delivery : one_of_each()) {
    WebhookSettings settings;
    settings.pepper = secret(kPepper);
    const auto provider = delivery.provider;
    const auto event = process(std::move(delivery), settings);
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().kind, RefusalKind::SwitchedOff);
    EXPECT_THAT(event.error().message, HasSubstr(std::string(to_string(provider))));
  }
}

TEST(Process, WithoutAPepperNothingIsRead) {
  for (auto& delivery : one_of_each()) {
    auto settings = all_on();
    settings.pepper = {};
    const auto event = process(std::move(delivery), settings);
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().kind, RefusalKind::SwitchedOff);
  }
}

// Every delivery from a test mode, by what says so.
std::vector<Delivery> test_payments() {
  auto square = square_delivery(payload("square-payment-created-completed"));
  square.headers.add("Square-Environment", "sandbox");
  std::vector<Delivery> deliveries;
  deliveries.push_back(std::move(square));
  for (const auto* name :
       {"stripe-charge-succeeded", "stripe-charge-refunded-partly", "stripe-dispute-closed"}) {
    deliveries.push_back(stripe_delivery(payload(name)));
  }
  auto failed = with(payload("stripe-refund-created"), R"("status": "succeeded")", R"("status": "failed")");
  deliveries.push_back(stripe_delivery(std::move(failed)));
  deliveries.push_back(fidel_delivery(FidelKind::CardLinked, payload("fidel-card-linked")));
  deliveries.push_back(fidel_delivery(FidelKind::Clearing, with(payload("fidel-transaction-clearing"),
                                                                R"("auth")", R"("live":false,"auth")")));
  return deliveries;
}

TEST(Process, WhatATestModeSendsIsNoMoneyUnlessThatIsSet) {
  auto settings = all_on();
  settings.test_payments = TestPayments::Ignore;
  for (auto& delivery : test_payments()) {
    const auto name = std::string(to_string(delivery.provider));
    const auto event = process(std::move(delivery), settings);
    ASSERT_TRUE(event) << event.error().message;
    const auto* test = std::get_if<TestPayment>(&*event);
    ASSERT_NE(test, nullptr) << name;
    EXPECT_THAT(test->reason, HasSubstr("no money moves"));
  }
  for (auto& delivery : test_payments()) {
    const auto event = process(std::move(delivery), all_on());
    ASSERT_TRUE(event);
    EXPECT_FALSE(std::holds_alternative<TestPayment>(*event));
    EXPECT_FALSE(std::holds_alternative<Ignored>(*event));
  }
}

TEST(Process, WhatIsLiveIsMoneyAndSoIsWhatSaysNothingOfItWhereItNeedNot) {
  auto settings = all_on();
  settings.test_payments = TestPayments::Ignore;
  std::vector<Delivery> deliveries;
  deliveries.push_back(square_delivery(payload("square-payment-created-completed")));
  deliveries.push_back(square_delivery(payload("square-payment-created-completed")));
  deliveries.back().headers.add("square-environment", "Production");
  deliveries.push_back(stripe_delivery(
      with(payload("stripe-charge-succeeded"), R"("livemode": false)", R"("livemode": true)")));
  deliveries.push_back(fidel_delivery(FidelKind::Clearing, payload("fidel-transaction-clearing")));
  for (auto& delivery : deliveries) {
    const auto event = process(std::move(delivery), settings);
    ASSERT_TRUE(event);
    EXPECT_TRUE(std::holds_alternative<Purchase>(*event));
  }
}

TEST(Process, AStripeEventThatDoesNotSayWhetherItIsLiveIsRefused) {
  for (const auto accept : {TestPayments::Ignore, TestPayments::Accept}) {
    auto settings = all_on();
    settings.test_payments = accept;
    for (const auto* said :
         {R"("x": 1)", R"("livemode": null)", R"("livemode": "false")", R"("livemode": 0)"}) {
      const auto event = process(
          stripe_delivery(with(payload("stripe-charge-succeeded"), R"("livemode": false)", said)), settings);
      ASSERT_FALSE(event) << said;
      EXPECT_EQ(event.error().kind, RefusalKind::MalformedPayload) << said;
    }
  }
}

TEST(Process, APurchaseSaysWhenTheProviderTold) {
  const auto told_at = [](Delivery delivery) {
    const auto event = process(std::move(delivery), all_on());
    return event ? std::get<Purchase>(*event).told_at : from_unix_seconds(-1);
  };
  const auto square = payload("square-payment-created-completed");
  EXPECT_EQ(told_at(stripe_delivery(payload("stripe-charge-succeeded"))), from_unix_seconds(kNowMs / 1000));
  EXPECT_EQ(told_at(fidel_delivery(FidelKind::Clearing, payload("fidel-transaction-clearing"))),
            from_unix_seconds(kNowMs / 1000));
  EXPECT_EQ(told_at(square_delivery(square)), from_unix_seconds(1'795'194'251));
}

TEST(Process, TheSignatureOfOneProviderIsNoneOfAnother) {
  auto delivery = stripe_delivery(payload("stripe-charge-succeeded"));
  delivery.provider = Provider::Square;
  EXPECT_EQ(refused(std::move(delivery)).kind, RefusalKind::MissingHeader);
}

TEST(Process, ABodyIsNotReadBeforeItsSignatureIsRight) {
  for (auto& delivery : one_of_each()) {
    delivery.body = "no JSON";
    EXPECT_EQ(refused(std::move(delivery)).kind, RefusalKind::BadSignature);
  }
}

TEST(Process, WhatIsSignedButNoObjectIsRefusedWithItsPlace) {
  for (const auto* body :
       {"no JSON", "[]", "7", "null", "{", "{}x", "{\"type\":1}", "\xff", "{\"a\":1,\"a\":2}"}) {
    EXPECT_EQ(refused(square_delivery(body)).kind, RefusalKind::MalformedPayload) << body;
    EXPECT_EQ(refused(stripe_delivery(body)).kind, RefusalKind::MalformedPayload) << body;
    EXPECT_EQ(refused(fidel_delivery(FidelKind::Clearing, body)).kind, RefusalKind::MalformedPayload) << body;
  }
  EXPECT_THAT(refused(square_delivery("{\"a\":}")).message, HasSubstr("at byte 5"));
}

TEST(Process, DeeplyNestedBodiesAreRefused) {
  const auto deep = R"({"type":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_EQ(refused(square_delivery(deep)).kind, RefusalKind::MalformedPayload);
}

// Every truncation would take minutes under sanitizers; a step that is out of phase with JSON's structure
// will do.
TEST(Process, ATruncatedBodyIsNeverAccepted) {
  for (const auto& delivery : one_of_each()) {
    for (std::size_t length = 0; length < delivery.body.size(); length += 7) {
      auto cut = delivery;
      cut.body.resize(length);
      ASSERT_EQ(refused(std::move(cut)).kind, RefusalKind::BadSignature) << length;
    }
  }
}

TEST(Process, ATruncatedBodyThatIsSignedIsMalformedNotMisread) {
  const auto body = payload("fidel-transaction-clearing");
  for (std::size_t length = 1; length < body.size(); length += 7) {
    const auto refusal = refused(fidel_delivery(FidelKind::Clearing, body.substr(0, length)));
    ASSERT_EQ(refusal.kind, RefusalKind::MalformedPayload) << length;
  }
}

TEST(Process, ABodyWithAnyBitFlippedIsNeverAccepted) {
  std::mt19937 random(20'261'125);
  for (const auto& delivery : one_of_each()) {
    for (int round = 0; round < 500; ++round) {
      auto flipped = delivery;
      const auto at = random() % flipped.body.size();
      flipped.body[at] = static_cast<char>(flipped.body[at] ^ 1 << random() % 8);
      ASSERT_EQ(refused(std::move(flipped)).kind, RefusalKind::BadSignature) << "byte " << at;
    }
  }
}

// Signed garbage cannot come from a provider, but must do no harm either.
TEST(Process, ASignedBodyWithBytesChangedIsReadOrRefusedInOrder) {
  std::mt19937 random(20'261'125);
  const auto change = [&random](std::string body) {
    for (int i = 0; i < 3; ++i) body[random() % body.size()] = static_cast<char>(random());
    return body;
  };
  for (int round = 0; round < 300; ++round) {
    process(square_delivery(change(payload("square-payment-created-completed"))), all_on());
    process(stripe_delivery(change(payload("stripe-charge-succeeded"))), all_on());
    process(fidel_delivery(FidelKind::Clearing, change(payload("fidel-transaction-clearing"))), all_on());
  }
}

TEST(Process, NoMessageHoldsACardIdASecretOrAnAmount) {
  const auto check = [](Delivery delivery) {
    const auto event = process(std::move(delivery), all_on());
    std::string message;
    if (!event) {
      message = event.error().message;
    } else if (const auto* ignored = std::get_if<Ignored>(&*event)) {
      message = ignored->reason;
    }
    EXPECT_FALSE(message.empty());
    EXPECT_THAT(message, Not(HasSubstr("sq-1-")));
    EXPECT_THAT(message, Not(HasSubstr("INVENTED")));
    EXPECT_THAT(message, Not(HasSubstr("1111-1111")));
    EXPECT_THAT(message, Not(HasSubstr("12345678")));
  };
  check(square_delivery(
      with(payload("square-payment-created-completed"), R"("amount":1250)", R"("amount":12345678.5)")));
  check(square_delivery(payload("square-payment-created-approved")));
  check(stripe_delivery(with(payload("stripe-charge-succeeded"), "1999", "-12345678")));
  check(stripe_delivery(payload("stripe-charge-succeeded-uncaptured")));
  check(fidel_delivery(FidelKind::Clearing,
                       with(payload("fidel-transaction-clearing"), "5.44", "12345678.444")));
  check(fidel_delivery(FidelKind::Clearing,
                       with(payload("fidel-transaction-clearing"), R"("id":)", R"("ID":)")));
  check(fidel_delivery(FidelKind::Auth, payload("fidel-transaction-auth")));
}

}  // namespace
}  // namespace loopstate::webhook
