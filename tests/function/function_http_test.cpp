// Requests from gateways, function URLs and load balancers: what is done, and the reply to the byte.
#include "function/function_fixture.hpp"

namespace loopstate::function {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string stripe_header(std::string_view body, Timestamp signed_at = kNow) {
  return webhook::stripe_signature_header(kStripeSecret, signed_at, body);
}

std::string square_header(std::string_view body) {
  return webhook::square_signature(kSquareKey, kSquareUrl, body);
}

class HttpTest : public FunctionTest {
 protected:
  std::string from_http_api(std::string_view body) {
    return event("api-gateway-v2", {{"@SIGNATURE@", stripe_header(body)}, {"@BODY@", body}});
  }

  std::string health_request() {
    return with(with(from_http_api("{}"), "/webhooks/stripe", "/healthz"), "\"POST\"", "\"GET\"");
  }
  std::string from_function_url(std::string_view body) {
    return event("function-url",
                 {{"@SIGNATURE@", square_header(body)}, {"@BODY_BASE64@", crypto::base64_encode(body)}});
  }
  std::string from_balancer(std::string_view name, std::string_view body) {
    return event(name, {{"@SIGNATURE@", square_header(body)}, {"@BODY@", body}});
  }
};

TEST_F(HttpTest, AnHttpApiGetsItsReplyToTheByte) {
  link("card-1", "U1");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  const auto first = reply(from_http_api(body));
  const auto capture = snapshot("U1").captures.at(0).id;
  EXPECT_EQ(first,
            R"({"statusCode":200,"headers":{"Content-Type":"application/json","X-Request-Id":"req-1"},)"
            R"("body":"{\"outcome\":\"recorded\",\"capture\":\")" +
                capture + R"(\"}","isBase64Encoded":false})");
  EXPECT_THAT(reply(from_http_api(body)), HasSubstr(R"({\"outcome\":\"duplicate\")"));
}

TEST_F(HttpTest, AFunctionUrlsBase64BodyIsVerifiedAsTheBytesItStandsFor) {
  link("sq0-card", "U1");
  EXPECT_EQ(status(reply(from_function_url(square_payment({})))), 200);
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(HttpTest, ARestApiIsRoutedWithoutItsStageAndInAnyCase) {
  link("fidel-card", "U1");
  const auto body = fidel_transaction("tx1", "fidel-card", "5.44");
  const auto timestamp = fmt::format("{}", unix_seconds(kNow) * 1000);
  const auto signature =
      webhook::fidel_signature(fidel_secret(webhook::FidelKind::Clearing), kFidelUrl, timestamp, body);
  const auto text = reply(
      event("api-gateway-v1", {{"@SIGNATURE@", signature}, {"@TIMESTAMP@", timestamp}, {"@BODY@", body}}));
  EXPECT_THAT(text, StartsWith(R"({"statusCode":200,"headers":{"Content-Type":"application/json",)"));
  EXPECT_THAT(text, EndsWith(R"("isBase64Encoded":false})"));
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(HttpTest, ABalancerGetsADescriptionAndHeadersInItsOwnMode) {
  link("sq0-card", "U1");
  EXPECT_THAT(reply(from_balancer("alb", square_payment({}))),
              StartsWith(R"({"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":)"
                         R"("application/json","X-Request-Id":"req-1"},"body":")"));
  EXPECT_THAT(
      reply(from_balancer("alb-multi", square_payment({}))),
      StartsWith(R"({"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"Content-Type":)"
                 R"(["application/json"],"X-Request-Id":["req-1"]},"body":")"));
}

TEST_F(HttpTest, ABalancersHealthCheckIsAnsweredWithoutTheStore) {
  model->fail_reads(1000);
  EXPECT_EQ(reply(event("alb-health-check")),
            R"({"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":"application/json",)"
            R"("X-Request-Id":"req-1"},"body":"{\"status\":\"ok\"}","isBase64Encoded":false})");
}

TEST_F(HttpTest, HealthMeansForEveryoneElseThatAPaymentCouldBeWritten) {
  EXPECT_THAT(reply(health_request()), HasSubstr(R"({\"status\":\"ok\"})"));
}

TEST_F(HttpTest, HealthIs503WhereThePaymentCouldNotBeWritten) {
  const auto asked = health_request();
  model->fail_writes(1);
  const auto ill = reply(asked);
  EXPECT_EQ(status(ill), 503);
  EXPECT_THAT(ill, HasSubstr(R"("body":"{\"status\":\"unavailable\",\"error\":\"Unavailable\"}")"));
}

TEST_F(HttpTest, OneChangedByteOfTheBodyIsRefused) {
  link("card-1", "U1");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  const auto text =
      reply(event("api-gateway-v2", {{"@SIGNATURE@", stripe_header(body)}, {"@BODY@", body + " "}}));
  EXPECT_EQ(status(text), 403);
  EXPECT_THAT(text, HasSubstr(R"({\"outcome\":\"refused\",\"error\":\"not_authentic\"})"));
  EXPECT_EQ(captures_of("U1"), 0);
  EXPECT_THAT(log_lines().back(), HasSubstr("\"refusal\":\"bad_signature\""));
}

TEST_F(HttpTest, TheBodyIsTakenByteForByte) {
  link("card-1", "U1");
  // Spaces, an escaped slash, a number with zeros and letters beyond ASCII: none survives being parsed and
  // rewritten.
  const auto body = with(with(stripe_charge("ch_1", "card-1", 990), "\"livemode\":true",
                              R"("livemode": true, "note" : "caf\u00e9 \/ café \ud83d\ude00", "n":1.00)"),
                         "\"object\":\"event\"", "\n\t\"object\":\"event\"");
  EXPECT_EQ(status(reply(from_http_api(body))), 200);
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(HttpTest, NullMapsAndANullBodyAreAnEmptyRequest) {
  const auto text =
      reply(R"({"httpMethod":"POST","path":"/webhooks/stripe","headers":null,"multiValueHeaders":null,)"
            R"("queryStringParameters":null,"requestContext":{"stage":"prod"},"body":null,)"
            R"("isBase64Encoded":false})");
  EXPECT_EQ(status(text), 401);
}

TEST_F(HttpTest, WhatIsNotServedIs404WrongMethods405) {
  const auto asked = from_http_api("{}");
  EXPECT_EQ(reply(with(asked, "/webhooks/stripe", "/webhooks/paypal")),
            R"({"statusCode":404,"headers":{"Content-Type":"application/json","X-Request-Id":"req-1"},)"
            R"("body":"{\"error\":\"not found\"}","isBase64Encoded":false})");
  EXPECT_EQ(
      reply(with(asked, "\"POST\"", "\"GET\"")),
      R"({"statusCode":405,"headers":{"Content-Type":"application/json","Allow":"POST",)"
      R"("X-Request-Id":"req-1"},"body":"{\"error\":\"method not allowed\"}","isBase64Encoded":false})");
  EXPECT_EQ(status(reply(with(with(asked, "/webhooks/stripe", "/metrics"), "\"POST\"", "\"GET\""))), 404);
  EXPECT_THAT(log_lines(), testing::SizeIs(3));
  EXPECT_THAT(log_lines().front(),
              AllOf(HasSubstr("\"request_id\":\"req-1\""), HasSubstr("\"trace_id\":\"Root=1-")));
}

TEST_F(HttpTest, AMissingSecretIs503WithRetryAfter) {
  auto settings = test_settings();
  settings.stripe.clear();
  Agent without(store, settings_with(std::move(settings)), options(), logger());
  Function other(without, function_options(), logger());
  const auto text = runner.run(other.handle(invocation(from_http_api("{}"))));
  ASSERT_TRUE(text);
  EXPECT_EQ(status(*text), 503);
  EXPECT_THAT(*text, HasSubstr("\"Retry-After\":\"300\""));
}

TEST_F(HttpTest, ABusyStoreIs503WithRetryAfter) {
  link("card-1", "U1");
  model->fail_reads(1000);
  const auto text = reply(from_http_api(stripe_charge("ch_1", "card-1", 990)));
  EXPECT_EQ(status(text), 503);
  EXPECT_THAT(text, HasSubstr("\"Retry-After\":\"5\""));
}

TEST_F(HttpTest, ABodyOverOneMegabyteIs413) {
  const std::string large(kBodyBytesMax + 1, 'x');
  EXPECT_EQ(status(reply(from_http_api(large))), 413);
  EXPECT_EQ(status(reply(from_function_url(large))), 413);
}

TEST_F(HttpTest, AHeaderGivenTwiceIsNeverCheckedAsOne) {
  link("sq0-card", "U1");
  const auto body = square_payment({});
  const auto good = square_header(body);
  // Two values in one multi-value header.
  const auto twice = with(from_balancer("alb-multi", body), "[\n      \"" + escaped(good) + "\"\n    ]",
                          "[\"" + escaped(good) + "\",\"forged\"]");
  EXPECT_EQ(status(reply(twice)), 400);
  // Two spellings of its name.
  const auto spelled =
      with(from_balancer("alb", body), "\"x-square-hmacsha256-signature\":",
           "\"X-Square-HmacSha256-Signature\":\"forged\",\"x-square-hmacsha256-signature\":");
  EXPECT_EQ(status(reply(spelled)), 400);
  // Joined by the gateway.
  EXPECT_EQ(status(reply(event("function-url", {{"@SIGNATURE@", good + "," + good},
                                                {"@BODY_BASE64@", crypto::base64_encode(body)}}))),
            403);
  EXPECT_EQ(captures_of("U1"), 0);
}

TEST_F(HttpTest, AMalformedEnvelopeIs400InTheCallersForm) {
  const auto bad = event("function-url", {{"@SIGNATURE@", "x"}, {"@BODY_BASE64@", "not base64!"}});
  EXPECT_EQ(reply(bad),
            R"({"statusCode":400,"headers":{"Content-Type":"application/json","X-Request-Id":"req-1"},)"
            R"("body":"{\"error\":\"malformed event\"}","isBase64Encoded":false})");
  EXPECT_THAT(log_lines().back(), AllOf(HasSubstr("not base64"), HasSubstr("\"trace_id\":")));
  EXPECT_THAT(reply(with(event("alb-health-check"), "\"GET\"", "7")), HasSubstr("\"400 Bad Request\""));
}

TEST_F(HttpTest, LogsSayWhoAskedAndNeverWhat) {
  link("card-1", "U1");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  reply(from_http_api(body));
  reply(event("api-gateway-v2", {{"@SIGNATURE@", stripe_header(body, kNow - 301s)}, {"@BODY@", body}}));
  ASSERT_THAT(log_lines(), testing::SizeIs(2));
  for (const auto& line : log_lines()) {
    EXPECT_THAT(line, AllOf(HasSubstr("\"request_id\":\"req-1\""),
                            HasSubstr("\"trace_id\":\"Root=1-67ab0000-0123456789abcdef01234567\""),
                            Not(HasSubstr("card-1")), Not(HasSubstr("whsec")), Not(HasSubstr("v1=")),
                            Not(HasSubstr("payment_method"))));
  }
  EXPECT_THAT(log_lines().back(), HasSubstr("stale_timestamp"));
}

}  // namespace
}  // namespace loopstate::function
