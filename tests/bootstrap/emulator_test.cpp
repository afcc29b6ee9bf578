// Every form of event, from AWS's emulator through the real `bootstrap` to a DynamoDB server, and what each
// costs.
#include <gmock/gmock.h>

#include "bootstrap/bootstrap_fixture.hpp"
#include "bootstrap/emulator.hpp"

namespace loopstate::function {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class EmulatorTest : public testing::Test {
 protected:
  EmulatorTest() { table.link("sq0-card", "U1"); }

  /// A new payment, as this caller delivers it.
  std::string invoke_square(std::string_view fixture, std::string_view id) {
    return emulator.invoke(square_event(fixture, fresh_square_payment(id, "sq0-card")));
  }

  FunctionTable table;
  CountingProxy proxy{table.endpoint()};
  Emulator emulator{function_environment(table.name(), proxy.endpoint())};
};

/// What an HTTP caller reads.
auto answers(int status, std::string_view outcome) {
  return AllOf(HasSubstr(fmt::format(R"("statusCode":{})", status)),
               HasSubstr(fmt::format(R"(\"outcome\":\"{}\")", outcome)));
}

TEST_F(EmulatorTest, AFunctionUrlsPaymentIsCapturedOnce) {
  const auto delivery = square_event("function-url", fresh_square_payment("p1", "sq0-card"));
  EXPECT_THAT(emulator.invoke(delivery), answers(200, "recorded")) << emulator.log();
  EXPECT_THAT(emulator.invoke(delivery), answers(200, "duplicate"));
  EXPECT_EQ(table.snapshot("U1").captures.size(), 1u);
}

TEST_F(EmulatorTest, AnHttpApisPaymentIsCaptured) {
  const auto body = agent::stripe_charge("ch_1", "sq0-card", 990);
  const auto fresh = with(body, std::to_string(unix_seconds(agent::kNow - 60s)),
                          std::to_string(unix_seconds(machine_time() - 60s)));
  const auto signature = webhook::stripe_signature_header(agent::kStripeSecret, machine_time(), fresh);
  EXPECT_THAT(emulator.invoke(event("api-gateway-v2", {{"@SIGNATURE@", signature}, {"@BODY@", fresh}})),
              answers(200, "recorded"))
      << emulator.log();
  EXPECT_EQ(table.snapshot("U1").captures.size(), 1u);
}

TEST_F(EmulatorTest, ARestApisClearingIsCaptured) {
  auto body = agent::fidel_transaction("f1", "sq0-card", "12.5");
  body = with(body, "2025-06-15T15:00:00.000Z", rfc3339(machine_time() - 60s));
  const auto timestamp = std::to_string(unix_seconds(machine_time()) * 1000);
  const auto signature = webhook::fidel_signature("fidel-clearing", agent::kFidelUrl, timestamp, body);
  EXPECT_THAT(
      emulator.invoke(event("api-gateway-v1",
                            {{"@SIGNATURE@", signature}, {"@TIMESTAMP@", timestamp}, {"@BODY@", body}})),
      answers(200, "recorded"))
      << emulator.log();
  EXPECT_EQ(table.snapshot("U1").captures.size(), 1u);
}

TEST_F(EmulatorTest, ALoadBalancersPaymentIsCapturedWithHeadersInEitherForm) {
  EXPECT_THAT(invoke_square("alb", "p1"),
              AllOf(answers(200, "recorded"), HasSubstr(R"("statusDescription":"200 OK")"),
                    HasSubstr(R"("headers")")))
      << emulator.log();
  EXPECT_THAT(invoke_square("alb-multi", "p2"),
              AllOf(answers(200, "recorded"), HasSubstr(R"("multiValueHeaders")")));
  EXPECT_EQ(table.snapshot("U1").captures.size(), 2u);
}

TEST_F(EmulatorTest, OfAQueuesBatchOnlyWhatFailedStays) {
  const auto body =
      with(agent::stripe_charge("ch_1", "sq0-card", 990), std::to_string(unix_seconds(agent::kNow - 60s)),
           std::to_string(unix_seconds(machine_time() - 60s)));
  auto batch = event(
      "sqs",
      {{"@SIGNATURE_1@", webhook::stripe_signature_header(agent::kStripeSecret, machine_time() - 5s, body)},
       {"@BODY_1@", body},
       {"@BODY_2@", square_event("alb", fresh_square_payment("p2", "sq0-card"))},
       {"@BODY_3@", "{}"}});
  batch = with(batch, "1749999990000", std::to_string(unix_seconds(machine_time()) * 1000));
  EXPECT_EQ(emulator.invoke(batch),
            R"({"batchItemFailures":[{"itemIdentifier":"00000000-0000-4000-8000-000000000003"}]})")
      << emulator.log();
  EXPECT_EQ(table.snapshot("U1").captures.size(), 2u);
}

TEST_F(EmulatorTest, AnEventOfABusIsCapturedOnce) {
  const auto purchase = with(event("eventbridge-transaction-detected",
                                   {{"@FINGERPRINT@", agent::fingerprint_of("sq0-card").text()}}),
                             "1749999900", std::to_string(unix_seconds(machine_time() - 60s)));
  EXPECT_THAT(emulator.invoke(purchase), StartsWith(R"({"outcome":"recorded")")) << emulator.log();
  EXPECT_THAT(emulator.invoke(purchase), StartsWith(R"({"outcome":"duplicate")"));
  EXPECT_EQ(table.snapshot("U1").captures.size(), 1u);
}

TEST_F(EmulatorTest, AForgedSignatureIsRefusedAndTheNextEventServed) {
  const auto body = fresh_square_payment("p1", "sq0-card");
  EXPECT_THAT(emulator.invoke(event("alb", {{"@SIGNATURE@", "forged"}, {"@BODY@", body}})),
              HasSubstr(R"("statusCode":403)"))
      << emulator.log();
  EXPECT_THAT(emulator.invoke("no JSON at all"), HasSubstr(R"("errorType":"InvalidArgument")"));
  EXPECT_THAT(emulator.invoke(event("s3")), HasSubstr(R"("errorType":"Unsupported")"));
  EXPECT_THAT(invoke_square("alb", "p2"), answers(200, "recorded"));
  EXPECT_EQ(table.snapshot("U1").captures.size(), 1u);
}

TEST_F(EmulatorTest, AWarmCaptureAndADuplicateAreOneRequestAndAColdCaptureIsThree) {
  EXPECT_THAT(invoke_square("function-url", "p1"), answers(200, "recorded")) << emulator.log();
  EXPECT_EQ(proxy.take_operations().size(), 3u) << "cold";

  EXPECT_THAT(invoke_square("function-url", "p2"), answers(200, "recorded"));
  EXPECT_THAT(proxy.take_operations(), ElementsAre("TransactWriteItems")) << "warm";

  EXPECT_THAT(invoke_square("function-url", "p2"), answers(200, "duplicate"));
  EXPECT_EQ(proxy.take_operations().size(), 1u) << "duplicate";
  EXPECT_EQ(proxy.connections(), 1) << "the one that the start opened";
}

TEST_F(EmulatorTest, LogLinesAreJsonAndNameTheRequestButNeitherCardNorSecret) {
  invoke_square("function-url", "p1");
  const auto log = emulator.log();
  EXPECT_THAT(log, AllOf(HasSubstr(R"("request_id":")"), HasSubstr(R"("outcome":"recorded")")));
  for (const std::string_view hidden : {"sq0-card", "square-signature-key", "loop_fp_", "whsec_test"}) {
    EXPECT_FALSE(log.contains(hidden)) << hidden;
  }
}

}  // namespace
}  // namespace loopstate::function
