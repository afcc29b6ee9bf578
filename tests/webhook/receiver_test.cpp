// The public entry point: secrets from an environment, a delivery in, its meaning out.
#include "loopstate/webhook.hpp"

#include <gmock/gmock.h>

#include <map>

#include "crypto/base64.hpp"
#include "support.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;

Environment variables_of(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

Environment stripe_alone() {
  return variables_of({{"STRIPE_WEBHOOK_SECRET", std::string(kStripeSecret)},
                       {"LOOPSTATE_PEPPER", crypto::base64_encode(kPepper)},
                       {"LOOPSTATE_ACCEPT_TEST_PAYMENTS", "1"}});
}

TEST(Receiver, ReadsWhatTheProviderSigned) {
  const auto receiver = Receiver::from_environment(stripe_alone());
  ASSERT_TRUE(receiver);
  const auto event = receiver->read(stripe_delivery(payload("stripe-charge-succeeded")));
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_TRUE(std::holds_alternative<Purchase>(*event));
}

TEST(Receiver, ThatWasMovedFromIsStillThatReceiver) {
  auto receiver = Receiver::from_environment(stripe_alone());
  ASSERT_TRUE(receiver);
  const auto taken = std::move(*receiver);
  EXPECT_TRUE(receiver->is_on(Provider::Stripe));  // NOLINT(bugprone-use-after-move): what is left
  EXPECT_TRUE(taken.is_on(Provider::Stripe));
}

TEST(Receiver, RefusesWhatNobodySigned) {
  const auto receiver = Receiver::from_environment(stripe_alone());
  ASSERT_TRUE(receiver);
  auto delivery = stripe_delivery(payload("stripe-charge-succeeded"));
  delivery.body += ' ';
  const auto event = receiver->read(std::move(delivery));
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, RefusalKind::BadSignature);
}

TEST(Receiver, SaysWhichProvidersAreSwitchedOffAndWhy) {
  const auto receiver = Receiver::from_environment(stripe_alone());
  ASSERT_TRUE(receiver);
  EXPECT_TRUE(receiver->is_on(Provider::Stripe));
  EXPECT_FALSE(receiver->is_on(Provider::Square));
  EXPECT_THAT(receiver->notices(),
              testing::Contains("square is switched off: SQUARE_WEBHOOK_SIGNATURE_KEY is not set"));
}

TEST(Receiver, OutlivesTheEnvironmentItWasMadeFrom) {
  auto environment = std::make_unique<Environment>(stripe_alone());
  const auto receiver = Receiver::from_environment(*environment);
  environment.reset();
  ASSERT_TRUE(receiver);
  const Receiver copy = *receiver;
  EXPECT_TRUE(copy.read(stripe_delivery(payload("stripe-charge-succeeded"))));
}

TEST(Receiver, ASettingThatMakesNoSenseIsRefusedByItsName) {
  const auto receiver = Receiver::from_environment(variables_of({{"LOOPSTATE_PEPPER", "c2hvcnQ="}}));
  ASSERT_FALSE(receiver);
  EXPECT_EQ(receiver.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(receiver.error().message, testing::HasSubstr("LOOPSTATE_PEPPER"));
}

}  // namespace
}  // namespace loopstate::webhook
