#include "http/server_rules.hpp"

namespace loopstate::http {
namespace {

TEST(ServerRules, OnlyAClientThatBeganARequestIsToldThatItIsSlow) {
  EXPECT_EQ(status_of(ReadPhase::Idle, ReadFailure::TimedOut), 0);
  EXPECT_EQ(status_of(ReadPhase::Header, ReadFailure::TimedOut), 408);
  EXPECT_EQ(status_of(ReadPhase::Body, ReadFailure::TimedOut), 408);
  EXPECT_EQ(status_of(ReadPhase::Body, ReadFailure::Closed), 0);
}

TEST(ServerRules, EachLimitHasItsStatus) {
  EXPECT_EQ(status_of(ReadPhase::Header, ReadFailure::HeaderTooLarge), 431);
  EXPECT_EQ(status_of(ReadPhase::Body, ReadFailure::BodyTooLarge), 413);
  EXPECT_EQ(status_of(ReadPhase::Header, ReadFailure::Malformed), 400);
}

TEST(ServerRules, OnlyHttp11NeedsAHost) {
  ServerRequest request;
  EXPECT_EQ(check_request(11, request), 400);
  EXPECT_EQ(check_request(10, request), 0);
  request.headers = {{"HOST", "x"}};
  EXPECT_EQ(check_request(11, request), 0);
}

TEST(ServerRules, ExpectationsOfHttp10AreIgnored) {
  ServerRequest request;
  request.headers = {{"Host", "x"}, {"Expect", "100-Continue"}};
  EXPECT_TRUE(expects_continue(11, request));
  EXPECT_FALSE(expects_continue(10, request));
}

TEST(ServerRules, HeaderNamesMatchInAnyCase) {
  ServerRequest request;
  request.headers = {{"x-fidel-SIGNATURE", "a"}, {"X-Fidel-Signature", "b"}};
  EXPECT_EQ(request.header("X-FIDEL-signature"), "a");
  EXPECT_EQ(request.header("x-fidel"), std::nullopt);
}

TEST(ServerRules, ThePathHasNoQuery) {
  ServerRequest request;
  request.target = "/a/b?c=/d";
  EXPECT_EQ(request.path(), "/a/b");
}

TEST(ServerRules, DatesAreOfTheHttpForm) {
  EXPECT_EQ(http_date(1'764'058'800), "Tue, 25 Nov 2025 08:20:00 GMT");
}

}  // namespace
}  // namespace loopstate::http
