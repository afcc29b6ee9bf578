#include "webhook/settings.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "crypto/base64.hpp"
#include "support.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

using Variables = std::map<std::string, std::string>;

Environment environment_of(Variables values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

const std::string kPepperText = crypto::base64_encode(kPepper);

Variables complete() {
  return {{"STRIPE_WEBHOOK_SECRET", "whsec_1"},
          {"SQUARE_WEBHOOK_SIGNATURE_KEY", "square-1"},
          {"SQUARE_WEBHOOK_URL", "https://example.com/square"},
          {"FIDEL_WEBHOOK_SECRET_AUTH", "fidel-auth"},
          {"FIDEL_WEBHOOK_SECRET_CLEARING", "fidel-clearing"},
          {"FIDEL_WEBHOOK_SECRET_REFUND", "fidel-refund"},
          {"FIDEL_WEBHOOK_SECRET_CARD_LINKED", "fidel-card-linked"},
          {"FIDEL_WEBHOOK_URL", "https://example.com/fidel"},
          {"LOOPSTATE_PEPPER", kPepperText}};
}

Variables but(std::initializer_list<std::pair<std::string, std::string>> changes) {
  auto variables = complete();
  for (const auto& [name, value] : changes) variables[name] = value;
  return variables;
}

WebhookSettings read(Variables variables) {
  auto settings = WebhookSettings::from_environment(environment_of(std::move(variables)));
  if (!settings) throw std::runtime_error(settings.error().message);
  return std::move(*settings);
}

Error error_of(Variables variables) {
  const auto settings = WebhookSettings::from_environment(environment_of(std::move(variables)));
  return settings ? Error{ErrorCode::Internal, "no error", false, nullptr} : settings.error();
}

// A file that exists while a test runs.
class SecretFile {
 public:
  explicit SecretFile(std::string_view content)
      : path_(std::filesystem::temp_directory_path() /
              fmt::format("loopstate-secret-{}-{}", getpid(), count_++)) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~SecretFile() { std::filesystem::remove(path_); }
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

TEST(WebhookSettings, ReadEveryProvider) {
  const auto settings = read(complete());
  for (const auto provider : kProviders) EXPECT_TRUE(settings.is_on(provider));
  EXPECT_THAT(settings.notices, IsEmpty());
  EXPECT_EQ(settings.pepper.reveal(), kPepper);
  ASSERT_EQ(settings.fidel.size(), 4u);
  EXPECT_EQ(settings.fidel[1].kind, FidelKind::Clearing);
  EXPECT_EQ(settings.fidel[1].key.secret.reveal(), "fidel-clearing");
  EXPECT_EQ(settings.fidel[1].key.url, "https://example.com/fidel");
}

TEST(WebhookSettings, WithNothingSetEverythingIsOffAndSaysSo) {
  const auto settings = read({});
  EXPECT_FALSE(settings.any_on());
  EXPECT_THAT(settings.notices, Contains(HasSubstr("LOOPSTATE_PEPPER is not set")));
  EXPECT_THAT(settings.notices,
              Contains(HasSubstr("stripe is switched off: STRIPE_WEBHOOK_SECRET is not set")));
  EXPECT_THAT(settings.notices,
              Contains(HasSubstr("square is switched off: SQUARE_WEBHOOK_SIGNATURE_KEY is not set")));
  EXPECT_THAT(settings.notices, Contains(HasSubstr("fidel is switched off")));
}

TEST(WebhookSettings, AnEmptySecretSwitchesItsProviderOffAndNoOther) {
  for (const auto* empty : {"", " ", "\n", ","}) {
    const auto settings = read(but({{"STRIPE_WEBHOOK_SECRET", empty}}));
    EXPECT_FALSE(settings.is_on(Provider::Stripe)) << empty;
    EXPECT_TRUE(settings.is_on(Provider::Square)) << empty;
    EXPECT_TRUE(settings.is_on(Provider::Fidel)) << empty;
    EXPECT_THAT(settings.notices, Contains(HasSubstr("stripe is switched off"))) << empty;
  }
}

TEST(WebhookSettings, AnEmptyElementOfAListSwitchesItsProviderOff) {
  for (const auto* list : {"whsec_1,", ",whsec_1", "whsec_1,,whsec_2", "whsec_1, ,whsec_2"}) {
    const auto settings = read(but({{"STRIPE_WEBHOOK_SECRET", list}}));
    EXPECT_FALSE(settings.is_on(Provider::Stripe)) << list;
    EXPECT_THAT(settings.notices, Contains(HasSubstr("empty element"))) << list;
  }
}

TEST(WebhookSettings, SquareNeedsItsUrl) {
  auto variables = complete();
  variables.erase("SQUARE_WEBHOOK_URL");
  const auto settings = read(std::move(variables));
  EXPECT_FALSE(settings.is_on(Provider::Square));
  EXPECT_THAT(settings.notices, Contains(HasSubstr("square is switched off: SQUARE_WEBHOOK_URL is not set")));
}

TEST(WebhookSettings, AFidelKindWithoutASecretIsOffByItself) {
  const auto settings = read(but({{"FIDEL_WEBHOOK_SECRET_REFUND", ""}}));
  EXPECT_TRUE(settings.is_on(Provider::Fidel));
  EXPECT_EQ(settings.fidel.size(), 3u);
  EXPECT_THAT(
      settings.notices,
      Contains(HasSubstr("fidel's refunds are switched off: FIDEL_WEBHOOK_SECRET_REFUND is not set")));
}

TEST(WebhookSettings, ListsBelongTogetherInOrder) {
  const auto settings = read(but({{"SQUARE_WEBHOOK_SIGNATURE_KEY", "one, two"},
                                  {"SQUARE_WEBHOOK_URL", "https://one.example , https://two.example"}}));
  ASSERT_EQ(settings.square.size(), 2u);
  EXPECT_EQ(settings.square[0].secret.reveal(), "one");
  EXPECT_EQ(settings.square[0].url, "https://one.example");
  EXPECT_EQ(settings.square[1].secret.reveal(), "two");
  EXPECT_EQ(settings.square[1].url, "https://two.example");
}

TEST(WebhookSettings, ASingleElementBelongsToAllOfTheOtherList) {
  const auto rolled = read(but({{"SQUARE_WEBHOOK_SIGNATURE_KEY", "old,new"}}));
  ASSERT_EQ(rolled.square.size(), 2u);
  EXPECT_EQ(rolled.square[0].url, rolled.square[1].url);
  const auto urls = read(but({{"FIDEL_WEBHOOK_URL", "https://a.example,https://b.example"}}));
  ASSERT_EQ(urls.fidel.size(), 8u);
  EXPECT_EQ(urls.fidel[0].key.secret.reveal(), urls.fidel[1].key.secret.reveal());
}

TEST(WebhookSettings, ListsOfDifferentLengthsAreRefused) {
  const auto error = error_of(but({{"SQUARE_WEBHOOK_SIGNATURE_KEY", "a,b,c"},
                                   {"SQUARE_WEBHOOK_URL", "https://a.example,https://b.example"}}));
  EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
  EXPECT_THAT(error.message, AllOf(HasSubstr("SQUARE_WEBHOOK_SIGNATURE_KEY has 3"), HasSubstr("has 2")));
}

TEST(WebhookSettings, OneSecretForTwoKindsOfFidelEventsIsRefused) {
  const auto error = error_of(but({{"FIDEL_WEBHOOK_SECRET_AUTH", "x,fidel-clearing"}}));
  EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("FIDEL_WEBHOOK_SECRET_AUTH"), HasSubstr("FIDEL_WEBHOOK_SECRET_CLEARING")));
  EXPECT_THAT(error.message, testing::Not(HasSubstr("fidel-clearing")));
}

TEST(WebhookSettings, ASecretMayComeFromAFile) {
  const SecretFile file("whsec_from_file\n");
  auto variables = complete();
  variables.erase("STRIPE_WEBHOOK_SECRET");
  variables["STRIPE_WEBHOOK_SECRET_FILE"] = file.path();
  const auto settings = read(std::move(variables));
  ASSERT_EQ(settings.stripe.size(), 1u);
  EXPECT_EQ(settings.stripe[0].reveal(), "whsec_from_file");
}

TEST(WebhookSettings, AnEmptyFileSwitchesItsProviderOff) {
  const SecretFile file("\n");
  const auto settings =
      read(but({{"STRIPE_WEBHOOK_SECRET", ""}, {"STRIPE_WEBHOOK_SECRET_FILE", file.path()}}));
  EXPECT_FALSE(settings.is_on(Provider::Stripe));
}

TEST(WebhookSettings, AVariableAndItsFileTogetherAreRefused) {
  const SecretFile file("x");
  const auto error = error_of(but({{"STRIPE_WEBHOOK_SECRET_FILE", file.path()}}));
  EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("STRIPE_WEBHOOK_SECRET and STRIPE_WEBHOOK_SECRET_FILE are both set"));
}

TEST(WebhookSettings, AFileThatCannotBeReadIsAnErrorNotAProviderOff) {
  const auto error = error_of(but({{"LOOPSTATE_PEPPER", ""}, {"LOOPSTATE_PEPPER_FILE", "/nowhere/pepper"}}));
  EXPECT_EQ(error.code, ErrorCode::StorageFailure);
  EXPECT_THAT(error.message, AllOf(HasSubstr("LOOPSTATE_PEPPER_FILE"), HasSubstr("/nowhere/pepper")));
  const auto folder = error_of(but({{"LOOPSTATE_PEPPER", ""}, {"LOOPSTATE_PEPPER_FILE", "/"}}));
  EXPECT_EQ(folder.code, ErrorCode::StorageFailure);
}

TEST(WebhookSettings, AHugeFileIsRefused) {
  const SecretFile file(std::string(64 * 1024 + 1, 'A'));
  const auto error = error_of(but({{"LOOPSTATE_PEPPER", ""}, {"LOOPSTATE_PEPPER_FILE", file.path()}}));
  EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
}

TEST(WebhookSettings, APepperThatIsShortOrNotBase64IsRefused) {
  EXPECT_THAT(error_of(but({{"LOOPSTATE_PEPPER", "not base64!"}})).message, HasSubstr("not base64"));
  const auto shorter = error_of(but({{"LOOPSTATE_PEPPER", crypto::base64_encode(std::string(31, 'x'))}}));
  EXPECT_EQ(shorter.code, ErrorCode::InvalidArgument);
  EXPECT_THAT(shorter.message, HasSubstr("has 31 bytes; expected 32 or more"));
}

TEST(WebhookSettings, APepperThatTheCallerBringsGoesFirst) {
  const auto other = std::string(40, 'p');
  const auto settings =
      WebhookSettings::from_environment(environment_of(complete()), secret(crypto::base64_encode(other)));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->pepper.reveal(), other);
}

TEST(WebhookSettings, NoMessageHoldsASecret) {
  const auto settings = read(but({{"STRIPE_WEBHOOK_SECRET", "whsec_hidden,"}, {"SQUARE_WEBHOOK_URL", ""}}));
  for (const auto& notice : settings.notices) {
    EXPECT_THAT(notice, testing::Not(testing::AnyOf(HasSubstr("whsec_hidden"), HasSubstr("square-1"))));
  }
}

TEST(WebhookSettings, TestPaymentsAreMoneyOnlyWhereThatIsSet) {
  EXPECT_EQ(read(complete()).test_payments, TestPayments::Ignore);
  for (const auto* off : {"", "0", " 0 "}) {
    EXPECT_EQ(read(but({{"LOOPSTATE_ACCEPT_TEST_PAYMENTS", off}})).test_payments, TestPayments::Ignore);
  }
  const auto on = read(but({{"LOOPSTATE_ACCEPT_TEST_PAYMENTS", "1"}}));
  EXPECT_EQ(on.test_payments, TestPayments::Accept);
  EXPECT_THAT(on.notices, Contains(HasSubstr("count as money")));
  for (const auto* bad : {"yes", "2", "true"}) {
    const auto error = error_of(but({{"LOOPSTATE_ACCEPT_TEST_PAYMENTS", bad}}));
    EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
    EXPECT_THAT(error.message, HasSubstr("LOOPSTATE_ACCEPT_TEST_PAYMENTS"));
  }
}

}  // namespace
}  // namespace loopstate::webhook
