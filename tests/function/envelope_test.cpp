// What an event is taken for, and what is read from it.
#include "function/envelope.hpp"

#include <gmock/gmock.h>

#include "function/events.hpp"
#include "function/reply.hpp"

namespace loopstate::function {
namespace {

using testing::HasSubstr;

template <typename T>
T read(const std::string& event) {
  auto envelope = read_envelope(event);
  if (!std::holds_alternative<T>(envelope)) {
    if (const auto* malformed = std::get_if<Malformed>(&envelope)) throw std::runtime_error(malformed->what);
    if (const auto* unsupported = std::get_if<Unsupported>(&envelope))
      throw std::runtime_error(unsupported->what);
    throw std::runtime_error("another kind of envelope");
  }
  return std::get<T>(std::move(envelope));
}

std::string v1(std::string_view members) {
  return R"({"httpMethod":"POST","path":"/p","requestContext":{"stage":"prod"})" + std::string(members) + "}";
}

TEST(EnvelopeTest, EachCallerIsRecognised) {
  EXPECT_EQ(read<HttpRequest>(event("api-gateway-v2")).caller, Caller::ApiGatewayV2);
  EXPECT_EQ(read<HttpRequest>(event("function-url", {{"@BODY_BASE64@", "eA=="}})).caller,
            Caller::FunctionUrl);
  EXPECT_EQ(read<HttpRequest>(event("api-gateway-v1")).caller, Caller::ApiGatewayV1);
  EXPECT_EQ(read<HttpRequest>(event("alb")).caller, Caller::AlbSingle);
  EXPECT_EQ(read<HttpRequest>(event("alb-multi")).caller, Caller::AlbMulti);
  EXPECT_FALSE(read<SqsBatch>(event("sqs")).fifo);
  EXPECT_TRUE(read<SqsBatch>(event("sqs-fifo")).fifo);
  EXPECT_EQ(read<HttpRequest>(R"({"path":"/webhooks/square?x","headers":{},"body":""})").caller,
            Caller::Direct);
}

TEST(EnvelopeTest, ABusEventIsItsOwnText) {
  const auto text = event("eventbridge-transaction-detected");
  EXPECT_EQ(read<BusMessage>(text).json + "\n", text);
}

TEST(EnvelopeTest, MethodAndPathComeFromTheirPlaces) {
  const auto v2 = read<HttpRequest>(event("api-gateway-v2"));
  EXPECT_EQ(v2.method, "POST");
  EXPECT_EQ(v2.path, "/webhooks/stripe");
  const auto alb = read<HttpRequest>(event("alb"));
  EXPECT_EQ(alb.path, "/hooks/webhooks/square");
  const auto direct = read<HttpRequest>(R"({"path":"/webhooks/square?x=1","method":"PUT","body":""})");
  EXPECT_EQ(direct.path, "/webhooks/square");
  EXPECT_EQ(direct.method, "PUT");
}

TEST(EnvelopeTest, HeadersAreFoundInAnyCase) {
  const auto request = read<HttpRequest>(event("api-gateway-v1"));
  EXPECT_EQ(request.headers.find("x-FIDEL-signature"), "@SIGNATURE@");
  EXPECT_EQ(request.headers.count("x-fidel-signature"), 1);  // though both maps have it
}

TEST(EnvelopeTest, AHeaderWithTwoValuesHasTwo) {
  const auto request = read<HttpRequest>(v1(R"(,"headers":{"A":"2"},"multiValueHeaders":{"a":["1","2"]})"));
  EXPECT_EQ(request.headers.count("A"), 2);
  EXPECT_EQ(request.headers.find("A"), "1");
}

TEST(EnvelopeTest, TheMapsAreJoined) {
  const auto request =
      read<HttpRequest>(v1(R"(,"headers":{"A":"1","B":"2"},"multiValueHeaders":{"a":["1"],"c":[]})"));
  EXPECT_EQ(request.headers.count("a"), 1);
  EXPECT_EQ(request.headers.find("b"), "2");
  EXPECT_EQ(request.headers.count("c"), 0);
}

TEST(EnvelopeTest, NullsAreAbsent) {
  const auto request = read<HttpRequest>(
      v1(R"(,"headers":{"A":null},"multiValueHeaders":{"b":null},"body":null,"isBase64Encoded":null)"));
  EXPECT_EQ(request.headers.count("a"), 0);
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(read<HttpRequest>(v1(R"(,"headers":null,"multiValueHeaders":null)")).body, "");
}

TEST(EnvelopeTest, ABodyIsDecodedOnlyWhereItSaysSo) {
  EXPECT_EQ(read<HttpRequest>(v1(R"(,"body":"AP8=","isBase64Encoded":true)")).body, std::string("\0\xff", 2));
  EXPECT_EQ(read<HttpRequest>(v1(R"(,"body":"AP8=","isBase64Encoded":false)")).body, "AP8=");
  EXPECT_EQ(read<HttpRequest>(v1(R"(,"body":"AP8=")")).body, "AP8=");
  EXPECT_EQ(read<HttpRequest>(v1(R"(,"body":"","isBase64Encoded":true)")).body, "");
}

TEST(EnvelopeTest, WhatIsMalformedNamesTheMemberAndTheCaller) {
  const std::pair<std::string_view, std::string_view> broken[] = {
      {R"(,"body":7)", "body"},
      {R"(,"body":"%%%%","isBase64Encoded":true)", "base64"},
      {R"(,"body":"","isBase64Encoded":"yes")", "isBase64Encoded"},
      {R"(,"headers":[])", "headers"},
      {R"(,"headers":{"a":1})", "headers"},
      {R"(,"multiValueHeaders":{"a":"1"})", "multiValueHeaders"},
      {R"(,"multiValueHeaders":{"a":[1]})", "multiValueHeaders"},
      {R"(,"multiValueHeaders":7)", "multiValueHeaders"}};
  for (const auto& [members, name] : broken) {
    const auto malformed = read<Malformed>(v1(members));
    EXPECT_THAT(malformed.what, HasSubstr(name)) << members;
    EXPECT_EQ(malformed.caller, Caller::ApiGatewayV1);
  }
  EXPECT_THAT(read<Malformed>(R"({"version":"2.0","requestContext":{"http":{}},"rawPath":"/"})").what,
              HasSubstr("method"));
  EXPECT_THAT(read<Malformed>(R"({"version":"2.0","requestContext":{"http":{"method":"GET"}}})").what,
              HasSubstr("path"));
}

TEST(EnvelopeTest, WhatIsNoJsonHasNoCaller) {
  for (const auto* text : {"", "{", "{\"a\":1,\"a\":2}", "\xff", "{} {}"}) {
    EXPECT_EQ(read<Malformed>(text).caller, std::nullopt) << text;
  }
}

TEST(EnvelopeTest, OtherKindsAreNamed) {
  const std::pair<std::string_view, std::string_view> others[] = {
      {R"({"awslogs":{"data":""}})", "CloudWatch Logs"},
      {R"({"RequestType":"Create","ResponseURL":"x"})", "CloudFormation"},
      {R"({"triggerSource":"PreSignUp"})", "Cognito"},
      {R"({"eventSource":"aws:kafka","records":{}})", "MSK"},
      {R"({"Type":"Notification","TopicArn":"a","Message":"{}"})", "raw message delivery"},
      {R"({"requestContext":{"connectionId":"x","eventType":"CONNECT"}})", "WebSocket"},
      {R"({"type":"REQUEST","methodArn":"a","httpMethod":"GET","path":"/","requestContext":{}})",
       "authorisation"},
      {R"({"version":"2.0","type":"REQUEST","routeArn":"a","requestContext":{"http":{}}})", "authorisation"},
      {R"({"Records":[{"cf":{}}]})", "not known"},
      {R"({"key1":"value1"})", "no known kind"},
      {"7", "no known kind"}};
  for (const auto& [text, words] : others) {
    EXPECT_THAT(read<Unsupported>(std::string(text)).what, HasSubstr(words)) << text;
  }
}

TEST(EnvelopeTest, AnSqsRecordHasItsTimeAndItsTextAttributes) {
  const auto batch = read<SqsBatch>(event("sqs"));
  ASSERT_EQ(batch.records.size(), 3);
  const auto& first = batch.records.front();
  EXPECT_EQ(first.message_id, "00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(first.sent_at_ms, 1'749'999'990'000);
  EXPECT_THAT(first.attributes, testing::ElementsAre(testing::Pair("provider", "stripe"),
                                                     testing::Pair("Stripe-Signature", "@SIGNATURE_1@")));
  for (const auto* time : {"", "soon", "-5", "99999999999999999999", "12.5"}) {
    const auto odd = read<SqsBatch>(with(event("sqs"), "1749999990000", time));
    EXPECT_EQ(odd.records.front().sent_at_ms, std::nullopt) << time;
  }
}

TEST(EnvelopeTest, ARecordThatCannotBeReadSaysWhy) {
  const auto batch = read<SqsBatch>(R"([{"eventSource":"aws:sqs","messageId":"a","body":7},"text"])");
  ASSERT_EQ(batch.records.size(), 2);
  EXPECT_EQ(batch.records[0].message_id, "a");
  EXPECT_THAT(batch.records[0].problem, HasSubstr("body"));
  EXPECT_THAT(batch.records[1].problem, HasSubstr("not an object"));
}

TEST(ReplyTest, AFailureListHasTheNamesThatSqsReads) {
  EXPECT_EQ(write_failures({}), R"({"batchItemFailures":[]})");
  EXPECT_EQ(write_failures({"a", "b\""}),
            R"({"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b\""}]})");
}

TEST(ReplyTest, EveryStatusOfTheAgentHasAPhrase) {
  for (const auto status : {200, 400, 401, 403, 404, 405, 413, 422, 500, 503}) {
    EXPECT_NE(reason_phrase(status), "Status") << status;
  }
}

}  // namespace
}  // namespace loopstate::function
