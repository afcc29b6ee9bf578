#include <gmock/gmock.h>

#include "support.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {
namespace {

using namespace testing_support;

std::vector<UrlSecret> keys_of(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  std::vector<UrlSecret> keys;
  for (const auto& [key, url] : pairs) keys.push_back({secret(key), std::string(url)});
  return keys;
}

Delivery signed_with(std::string_view key, std::string_view url, std::string body = R"({"hello":"world"})") {
  const auto signature = square_signature(key, url, body);
  return {Provider::Square, {{kSquareSignatureHeader, signature}}, std::move(body), kNowMs};
}

RefusalKind kind_of(const Checked<void>& checked) {
  return checked ? RefusalKind::SwitchedOff : checked.error().kind;
}

TEST(VerifySquare, AcceptsTheVectorOfSquaresHelpers) {
  const Delivery delivery{Provider::Square,
                          {{"X-Square-Hmacsha256-Signature", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="}},
                          R"({"hello":"world"})",
                          kNowMs};
  EXPECT_TRUE(verify_square(delivery, keys_of({{"asdf1234", "https://example.com/webhook"}})));
}

TEST(VerifySquare, AcceptsAnyOfSeveralKeys) {
  const auto keys = keys_of({{"old", kSquareUrl}, {"new", kSquareUrl}});
  EXPECT_TRUE(verify_square(signed_with("old", kSquareUrl), keys));
  EXPECT_TRUE(verify_square(signed_with("new", kSquareUrl), keys));
  EXPECT_EQ(kind_of(verify_square(signed_with("other", kSquareUrl), keys)), RefusalKind::BadSignature);
}

TEST(VerifySquare, HoldsEachKeyToItsOwnUrl) {
  const auto keys = keys_of({{"one", "https://one.example"}, {"two", "https://two.example"}});
  EXPECT_TRUE(verify_square(signed_with("two", "https://two.example"), keys));
  EXPECT_EQ(kind_of(verify_square(signed_with("one", "https://two.example"), keys)),
            RefusalKind::BadSignature);
}

TEST(VerifySquare, TakesTheUrlToTheLetter) {
  const auto keys = keys_of({{"k", "https://example.com/hook"}});
  for (const auto url : {"https://example.com/hook/", "http://example.com/hook", "https://EXAMPLE.com/hook",
                         "https://example.com/hook?a=1"}) {
    EXPECT_EQ(kind_of(verify_square(signed_with("k", url), keys)), RefusalKind::BadSignature) << url;
  }
}

TEST(VerifySquare, NeverAcceptsAnEmptyKeyOrUrl) {
  EXPECT_EQ(kind_of(verify_square(signed_with("", kSquareUrl), keys_of({{"", kSquareUrl}}))),
            RefusalKind::BadSignature);
  EXPECT_EQ(kind_of(verify_square(signed_with("k", ""), keys_of({{"k", ""}}))), RefusalKind::BadSignature);
}

TEST(VerifySquare, RefusesAnEmptyBody) {
  EXPECT_EQ(kind_of(verify_square(signed_with("k", kSquareUrl, ""), keys_of({{"k", kSquareUrl}}))),
            RefusalKind::BadSignature);
}

TEST(VerifySquare, RefusesOtherFormsOfTheRightDigest) {
  const auto keys = keys_of({{"k", kSquareUrl}});
  const std::string body = "{}";
  const auto right = square_signature("k", kSquareUrl, body);
  for (const auto& form :
       {right.substr(0, right.size() - 1), right + "=", "sha256=" + right, right + "\n" + right}) {
    const Delivery delivery{Provider::Square, {{kSquareSignatureHeader, form}}, body, kNowMs};
    EXPECT_EQ(kind_of(verify_square(delivery, keys)), RefusalKind::BadSignature) << form;
  }
}

TEST(VerifySquare, SaysThatOnlyTheOldHeaderIsThere) {
  const Delivery delivery{Provider::Square, {{"x-square-signature", "abc="}}, "{}", kNowMs};
  const auto checked = verify_square(delivery, keys_of({{"k", kSquareUrl}}));
  EXPECT_EQ(kind_of(checked), RefusalKind::MissingHeader);
  EXPECT_THAT(checked.error().message, testing::HasSubstr("x-square-signature"));
}

TEST(VerifySquare, RefusesAHeaderThatIsMissingEmptyOrThereTwice) {
  const auto keys = keys_of({{"k", kSquareUrl}});
  const auto right = square_signature("k", kSquareUrl, "{}");
  const auto check = [&](Headers headers) {
    return kind_of(verify_square({Provider::Square, std::move(headers), "{}", kNowMs}, keys));
  };
  EXPECT_EQ(check({}), RefusalKind::MissingHeader);
  EXPECT_EQ(check({{kSquareSignatureHeader, " "}}), RefusalKind::MissingHeader);
  EXPECT_EQ(check({{kSquareSignatureHeader, right}, {kSquareSignatureHeader, "x"}}),
            RefusalKind::MalformedHeader);
  EXPECT_EQ(check({{kSquareSignatureHeader, std::string(5000, 'A')}}), RefusalKind::MalformedHeader);
}

}  // namespace
}  // namespace loopstate::webhook
