#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support.hpp"
#include "times.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;

constexpr Timestamp kSignedAt = from_unix_seconds(1'700'000'000);
constexpr std::string_view kBody = "{}";
constexpr std::string_view kRight = "be8cb8325f2202445260a855532f967e30ad2a9394ce28da66ee02880ddcb661";
const std::string kWrong(64, 'a');

std::vector<crypto::Secret> secrets_of(std::initializer_list<std::string_view> texts) {
  std::vector<crypto::Secret> secrets;
  for (const auto text : texts) secrets.push_back(secret(text));
  return secrets;
}

// With the secret of the vector, at the moment it was signed.
Checked<Timestamp> verify_header(std::string_view header, std::int64_t late_ms = 0) {
  const Delivery delivery{Provider::Stripe,
                          {{"stripe-signature", header}},
                          std::string(kBody),
                          unix_seconds(kSignedAt) * 1000 + late_ms};
  return verify_stripe(delivery, secrets_of({"whsec_x"}));
}

RefusalKind kind_of(const Checked<Timestamp>& checked) {
  return checked ? RefusalKind::SwitchedOff : checked.error().kind;
}

TEST(VerifyStripe, AcceptsTheVectorOfStripesLibraries) {
  EXPECT_EQ(verify_header(fmt::format("t=1700000000,v1={}", kRight)), from_unix_seconds(1'700'000'000));
}

TEST(VerifyStripe, AcceptsAnyV1OfTheHeaderWhereverItStands) {
  EXPECT_TRUE(verify_header(fmt::format("t=1700000000,v1={},v1={}", kRight, kWrong)));
  EXPECT_TRUE(verify_header(fmt::format("t=1700000000,v1={},v1={}", kWrong, kRight)));
  EXPECT_TRUE(verify_header(fmt::format("v1={},t=1700000000,v0={}", kRight, kWrong)));
}

TEST(VerifyStripe, AcceptsAnyOfSeveralSecrets) {
  const auto secrets = secrets_of({"whsec_old", "whsec_new"});
  for (const std::string_view signer : {"whsec_old", "whsec_new"}) {
    const auto header = stripe_signature_header(signer, kSignedAt, kBody);
    EXPECT_TRUE(verify_stripe({Provider::Stripe,
                               {{kStripeSignatureHeader, header}},
                               std::string(kBody),
                               unix_seconds(kSignedAt) * 1000},
                              secrets));
  }
}

TEST(VerifyStripe, DoesNotFallBackToAnotherScheme) {
  EXPECT_EQ(kind_of(verify_header(fmt::format("t=1700000000,v0={}", kRight))), RefusalKind::MalformedHeader);
  EXPECT_EQ(kind_of(verify_header(fmt::format("t=1700000000,v0={},v1={}", kRight, kWrong))),
            RefusalKind::BadSignature);
}

TEST(VerifyStripe, TakesTheDigestInLowerCaseOnly) {
  std::string upper(kRight);
  for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(kind_of(verify_header("t=1700000000,v1=" + upper)), RefusalKind::BadSignature);
}

TEST(VerifyStripe, SignsTheTimestampToo) {
  EXPECT_EQ(kind_of(verify_header(fmt::format("t=1700000001,v1={}", kRight))), RefusalKind::BadSignature);
}

TEST(VerifyStripe, AcceptsATimestampOf300SecondsAgoAndNoOlder) {
  const auto header = fmt::format("t=1700000000,v1={}", kRight);
  EXPECT_TRUE(verify_header(header, 300'000));
  EXPECT_EQ(kind_of(verify_header(header, 300'001)), RefusalKind::StaleTimestamp);
  EXPECT_EQ(kind_of(verify_header(header, 86'400'000)), RefusalKind::StaleTimestamp);
}

TEST(VerifyStripe, LetsATimestampOfTheFuturePass) {
  EXPECT_TRUE(verify_header(fmt::format("t=1700000000,v1={}", kRight), -3'600'000));
}

TEST(VerifyStripe, CallsAForgeryAForgeryHoweverOldItIs) {
  EXPECT_EQ(kind_of(verify_header("t=1700000000,v1=" + kWrong, 86'400'000)), RefusalKind::BadSignature);
}

TEST(VerifyStripe, TellsWhatIsWrongWithAHeader) {
  const auto message = [](std::string_view header) {
    const auto checked = verify_header(header);
    EXPECT_EQ(kind_of(checked), RefusalKind::MalformedHeader) << header;
    return checked ? std::string() : checked.error().message;
  };
  const auto v1 = fmt::format("v1={}", kRight);
  EXPECT_THAT(message(v1), testing::HasSubstr("no timestamp"));
  EXPECT_THAT(message("t=1700000000"), testing::HasSubstr("no signature of the scheme v1"));
  EXPECT_THAT(message("nonsense"), testing::HasSubstr("no timestamp"));
  for (const auto t :
       {"t=", "t=soon", "t=-5", "t=01700000000", "t=1700000000.5", "t=17000000000000000", "t= 17"}) {
    EXPECT_THAT(message(fmt::format("{},{}", t, v1)), testing::HasSubstr("not Unix seconds")) << t;
  }
  EXPECT_THAT(message("t=1700000000,t=1700000000," + v1), testing::HasSubstr("two timestamps"));
}

TEST(VerifyStripe, BoundsTheNumberOfSignatures) {
  std::string header = "t=1700000000";
  for (int i = 0; i < 17; ++i) header += ",v1=" + kWrong;
  EXPECT_EQ(kind_of(verify_header(header)), RefusalKind::MalformedHeader);
}

TEST(VerifyStripe, NeverAcceptsAnEmptySecretOrBody) {
  const auto check = [](std::string_view signer, std::string body) {
    const auto header = stripe_signature_header(signer, kSignedAt, body);
    const Delivery delivery{Provider::Stripe,
                            {{kStripeSignatureHeader, header}},
                            std::move(body),
                            unix_seconds(kSignedAt) * 1000};
    return kind_of(verify_stripe(delivery, secrets_of({"whsec_x", ""})));
  };
  EXPECT_EQ(check("", "{}"), RefusalKind::BadSignature);
  EXPECT_EQ(check("whsec_x", ""), RefusalKind::BadSignature);
}

TEST(VerifyStripe, RefusesAHeaderThatIsMissing) {
  const Delivery delivery{Provider::Stripe, {}, "{}", kNowMs};
  EXPECT_EQ(kind_of(verify_stripe(delivery, secrets_of({"whsec_x"}))), RefusalKind::MissingHeader);
}

}  // namespace
}  // namespace loopstate::webhook
