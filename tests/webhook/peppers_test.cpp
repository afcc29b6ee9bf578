// The pepper before, while cards are moved from it, and what a store keeps of a pepper.
#include <gmock/gmock.h>

#include "crypto/base64.hpp"
#include "crypto/stretch.hpp"
#include "support.hpp"
#include "webhook/pepper_check.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view kBefore = "fedcba9876543210fedcba9876543210";

Result<WebhookSettings> settings_of(std::string pepper, std::string previous) {
  return WebhookSettings::from_environment([=](std::string_view name) -> std::optional<std::string> {
    if (name == "LOOPSTATE_PEPPER") return pepper;
    if (name == "LOOPSTATE_PREVIOUS_PEPPER") return previous;
    return std::nullopt;
  });
}

std::string text_of(std::string_view pepper) {
  return crypto::base64_encode(pepper);
}

TEST(PreviousPepper, IsReadBesideThePepper) {
  const auto settings = settings_of(text_of(kPepper), text_of(kBefore));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->pepper.reveal(), kPepper);
  EXPECT_EQ(settings->previous_pepper.reveal(), kBefore);
}

TEST(PreviousPepper, IsNoneIfItIsThePepperItself) {
  const auto settings = settings_of(text_of(kPepper), text_of(kPepper));
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->previous_pepper.empty());
  EXPECT_THAT(settings->notices, Contains(HasSubstr("LOOPSTATE_PREVIOUS_PEPPER is the same as")));
}

TEST(PreviousPepper, IsJudgedLikeThePepperAndNeedsOne) {
  for (const auto& wrong : {std::string("c2hvcnQ="), std::string("***")}) {
    const auto settings = settings_of(text_of(kPepper), wrong);
    ASSERT_FALSE(settings);
    EXPECT_THAT(settings.error().message, HasSubstr("LOOPSTATE_PREVIOUS_PEPPER"));
  }
  const auto alone = settings_of("", text_of(kBefore));
  ASSERT_FALSE(alone);
  EXPECT_THAT(alone.error().message, HasSubstr("LOOPSTATE_PEPPER is not"));
}

TEST(PreviousPepper, GivesEachEventTheCardsFingerprintUnderBoth) {
  auto settings = all_on();
  auto purchase =
      std::get<Purchase>(*process(square_delivery(payload("square-payment-created-completed")), settings));
  EXPECT_EQ(purchase.previous_fingerprint, std::nullopt);
  settings.previous_pepper = secret(kBefore);
  settings.test_payments = TestPayments::Accept;
  auto only_before = all_on();
  only_before.pepper = secret(kBefore);
  only_before.test_payments = TestPayments::Accept;

  const auto fingerprints = [](const Event& event) -> std::pair<Fingerprint, std::optional<Fingerprint>> {
    if (const auto* bought = std::get_if<Purchase>(&event)) {
      return {bought->fingerprint, bought->previous_fingerprint};
    }
    if (const auto* refund = std::get_if<Refund>(&event)) {
      return {refund->fingerprint.value(), refund->previous_fingerprint};
    }
    const auto& linked = std::get<CardLinked>(event);
    return {linked.fingerprint, linked.previous_fingerprint};
  };
  const auto each = [] {
    std::vector<Delivery> deliveries;
    deliveries.push_back(square_delivery(payload("square-payment-created-completed")));
    deliveries.push_back(stripe_delivery(payload("stripe-charge-succeeded")));
    deliveries.push_back(fidel_delivery(FidelKind::Clearing, payload("fidel-transaction-clearing")));
    deliveries.push_back(fidel_delivery(FidelKind::CardLinked, payload("fidel-card-linked")));
    return deliveries;
  };
  auto before = each();
  auto now = each();
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto event = process(std::move(now[i]), settings);
    const auto alone = process(std::move(before[i]), only_before);
    ASSERT_TRUE(event && alone) << i;
    if (std::holds_alternative<Ignored>(*event)) continue;
    EXPECT_EQ(fingerprints(*event).second, fingerprints(*alone).first) << i;
    EXPECT_NE(fingerprints(*event).first, fingerprints(*alone).first) << i;
  }
}

TEST(PepperCheck, IsTheDocumentedValue) {
  const auto salt = std::string(32, 'a');
  const auto digest = crypto::stretch(kPepper, "loopstate pepper check 1:" + salt, 100'000);
  EXPECT_EQ(pepper_check(secret(kPepper), salt), crypto::hex(digest).substr(0, 8));
}

TEST(PepperCheck, DiffersByPepperAndBySalt) {
  const auto salt = new_pepper_salt();
  EXPECT_THAT(salt, SizeIs(32));
  EXPECT_NE(salt, new_pepper_salt());
  EXPECT_NE(pepper_check(secret(kPepper), salt), pepper_check(secret(kBefore), salt));
  EXPECT_NE(pepper_check(secret(kPepper), salt), pepper_check(secret(kPepper), new_pepper_salt()));
}

// RFC 7914, section 11: PBKDF2-HMAC-SHA256.
TEST(Stretch, AgreesWithTheRfc) {
  EXPECT_EQ(crypto::hex(crypto::stretch("passwd", "salt", 1)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
}

}  // namespace
}  // namespace loopstate::webhook
