#include <gmock/gmock.h>

#include "support.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;

constexpr std::string_view kBody = R"({"id":"t1","amount":5.44,"currency":"GBP"})";
constexpr std::string_view kUrl = "https://example.com/webhooks/fidel?event=auth";
constexpr std::string_view kSignedAt = "1700000000000";
constexpr std::int64_t kSignedAtMs = 1'700'000'000'000;
constexpr std::string_view kRight = "y1Jvl/FJN4fG1xmhw6UoZ720orGUIHIJb3H6SG3TLrM=";

struct Configured {
  FidelKind kind;
  std::string_view secret;
  std::string_view url;
};

std::vector<FidelSecret> secrets_of(std::initializer_list<Configured> configured) {
  std::vector<FidelSecret> secrets;
  for (const auto& [kind, text, url] : configured)
    secrets.push_back({kind, {secret(text), std::string(url)}});
  return secrets;
}

Checked<FidelKind> verify_at(std::int64_t now_ms, std::string_view signature = kRight,
                             std::string_view timestamp = kSignedAt) {
  const Delivery delivery{Provider::Fidel,
                          {{"X-Fidel-Signature", signature}, {"X-Fidel-Timestamp", timestamp}},
                          std::string(kBody),
                          now_ms};
  return verify_fidel(delivery, secrets_of({{FidelKind::Auth, "fidel_secret", kUrl}}));
}

RefusalKind kind_of(const Checked<FidelKind>& checked) {
  return checked ? RefusalKind::SwitchedOff : checked.error().kind;
}

TEST(VerifyFidel, AcceptsTheVectorOfTheDocumentedFormula) {
  EXPECT_EQ(verify_at(kSignedAtMs), FidelKind::Auth);
}

TEST(VerifyFidel, TellsTheKindOfEventByTheSecretThatVerifies) {
  const auto settings = all_on();
  for (const auto kind : {FidelKind::Auth, FidelKind::Clearing, FidelKind::Refund, FidelKind::CardLinked}) {
    EXPECT_EQ(verify_fidel(fidel_delivery(kind, "{}"), settings.fidel), kind);
  }
}

TEST(VerifyFidel, HoldsEachSecretToItsOwnUrl) {
  const auto secrets = secrets_of({{FidelKind::Clearing, "one", "https://one.example"},
                                   {FidelKind::Clearing, "two", "https://two.example"}});
  const auto check = [&](std::string_view key, std::string_view url) {
    const auto signature = fidel_signature(key, url, kSignedAt, kBody);
    const Delivery delivery{Provider::Fidel,
                            {{kFidelSignatureHeader, signature}, {kFidelTimestampHeader, kSignedAt}},
                            std::string(kBody),
                            kSignedAtMs};
    return verify_fidel(delivery, secrets).has_value();
  };
  EXPECT_TRUE(check("one", "https://one.example"));
  EXPECT_TRUE(check("two", "https://two.example"));
  EXPECT_FALSE(check("one", "https://two.example"));
}

TEST(VerifyFidel, AcceptsATimestampFiveMinutesOffInEitherDirectionAndNoMore) {
  EXPECT_TRUE(verify_at(kSignedAtMs + 300'000));
  EXPECT_TRUE(verify_at(kSignedAtMs - 300'000));
  EXPECT_EQ(kind_of(verify_at(kSignedAtMs + 300'001)), RefusalKind::StaleTimestamp);
  EXPECT_EQ(kind_of(verify_at(kSignedAtMs - 300'001)), RefusalKind::StaleTimestamp);
}

TEST(VerifyFidel, SignsTheTimestampToo) {
  EXPECT_EQ(kind_of(verify_at(kSignedAtMs, kRight, "1700000000001")), RefusalKind::BadSignature);
}

TEST(VerifyFidel, CallsAForgeryAForgeryHoweverOldItIs) {
  EXPECT_EQ(kind_of(verify_at(kSignedAtMs + 86'400'000, std::string(44, 'A'))), RefusalKind::BadSignature);
}

TEST(VerifyFidel, RefusesTheHexFormAndASingleHmac) {
  const auto hex = crypto::hex(crypto::hmac_sha256("fidel_secret", kBody));
  EXPECT_EQ(kind_of(verify_at(kSignedAtMs, "sha256=" + hex)), RefusalKind::BadSignature);
  EXPECT_EQ(kind_of(verify_at(kSignedAtMs, hex)), RefusalKind::BadSignature);
}

TEST(VerifyFidel, RefusesATimestampThatIsNotMilliseconds) {
  for (const auto timestamp : {"soon", "-1", "1.7e12", "2023-11-14T22:13:20Z", "01700000000000",
                               "1700000000000 1", "17000000000000000"}) {
    EXPECT_EQ(kind_of(verify_at(kSignedAtMs, kRight, timestamp)), RefusalKind::MalformedHeader) << timestamp;
  }
}

TEST(VerifyFidel, RefusesMissingHeaders) {
  const auto secrets = secrets_of({{FidelKind::Auth, "fidel_secret", kUrl}});
  const auto check = [&](Headers headers) {
    return kind_of(
        verify_fidel({Provider::Fidel, std::move(headers), std::string(kBody), kSignedAtMs}, secrets));
  };
  EXPECT_EQ(check({}), RefusalKind::MissingHeader);
  EXPECT_EQ(check({{kFidelSignatureHeader, kRight}}), RefusalKind::MissingHeader);
  EXPECT_EQ(check({{kFidelTimestampHeader, kSignedAt}}), RefusalKind::MissingHeader);
}

TEST(VerifyFidel, NeverAcceptsAnEmptySecret) {
  const auto signature = fidel_signature("", kUrl, kSignedAt, kBody);
  const Delivery delivery{Provider::Fidel,
                          {{kFidelSignatureHeader, signature}, {kFidelTimestampHeader, kSignedAt}},
                          std::string(kBody),
                          kSignedAtMs};
  EXPECT_EQ(kind_of(verify_fidel(delivery, secrets_of({{FidelKind::Clearing, "", kUrl}}))),
            RefusalKind::BadSignature);
}

}  // namespace
}  // namespace loopstate::webhook
