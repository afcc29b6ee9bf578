// Events that nobody waits for: EventBridge's, direct invocations, and those of other services.
#include "function/function_fixture.hpp"

namespace loopstate::function {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class EventTest : public FunctionTest {
 protected:
  static std::string bus(std::string_view name) { return event("eventbridge-" + std::string(name)); }
  static std::string purchase() {
    return event("eventbridge-transaction-detected", {{"@FINGERPRINT@", fingerprint_of("sq0-card").text()}});
  }

  void init(std::string_view user) { ASSERT_TRUE(runner.run(store.get_or_init(*UserId::parse(user)))); }
};

TEST_F(EventTest, APurchaseIsCapturedOnce) {
  link("sq0-card", "U1");
  EXPECT_THAT(reply(purchase()), StartsWith(R"({"outcome":"recorded","capture":")"));
  EXPECT_THAT(reply(purchase()), StartsWith(R"({"outcome":"duplicate")"));
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(EventTest, AHitInAGeofenceIsTheLocation) {
  EXPECT_EQ(reply(bus("location-hit")), R"({"outcome":"location_changed"})");
  EXPECT_EQ(snapshot("U1").location->merchant.text(), "M1");
}

TEST_F(EventTest, AProofIsACaptureOnce) {
  EXPECT_THAT(reply(bus("proof-submitted")), StartsWith(R"({"outcome":"recorded")"));
  EXPECT_THAT(reply(bus("proof-submitted")), StartsWith(R"({"outcome":"duplicate")"));
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(EventTest, AnUnlockingPositionIsAnEventOnce) {
  EXPECT_EQ(reply(bus("position-unlocking")), R"({"outcome":"event_recorded"})");
  EXPECT_THAT(reply(bus("position-unlocking")), StartsWith(R"({"outcome":"duplicate")"));
  EXPECT_EQ(snapshot("U1").context->recent_events.size(), 1);
}

TEST_F(EventTest, AYieldThresholdIsAnEventAndTheVaultsYield) {
  EXPECT_EQ(reply(bus("yield-threshold")), R"({"outcome":"event_recorded"})");
  EXPECT_EQ(snapshot("U1").context->vault.pending_yield, 20'000'000'000u);
}

TEST_F(EventTest, AScheduledCheckReports) {
  init("U1");
  const auto text = reply(bus("scheduled-event"));
  EXPECT_THAT(text, AllOf(HasSubstr(R"("outcome":"reported")"), HasSubstr(R"("batch_id":"B1")")));
}

TEST_F(EventTest, WhatRepeatingMendsIsAnError) {
  link("sq0-card", "U1");
  model->fail_reads(1'000);
  const auto busy = invoke(purchase());
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(busy.error().retryable);
  model->fail_reads(0);
  EXPECT_THAT(reply(purchase()), StartsWith(R"({"outcome":"recorded")"));
}

TEST_F(EventTest, AnEventThatCannotBeReadIsAnErrorSoThatItIsKept) {
  const auto broken = invoke(with(bus("location-hit"), "\"Enter\"", "\"Sideways\""));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(broken.error().retryable);
  EXPECT_THAT(broken.error().message, Not(HasSubstr("Sideways")));
  EXPECT_THAT(log_lines(),
              testing::ElementsAre(AllOf(HasSubstr(R"("source":"eventbridge")"), HasSubstr("event_type"),
                                         HasSubstr("\"trace_id\":\"Root="))));
}

TEST_F(EventTest, AnotherKindOfBusEventIsAcknowledged) {
  EXPECT_EQ(reply(with(bus("location-hit"), "LocationHit", "SomethingElse")), R"({"outcome":"ignored"})");
}

TEST_F(EventTest, ADirectRequestIsAnsweredOrFails) {
  link("sq0-card", "U1");
  const auto body = square_payment({});
  const auto direct = [&](std::string_view signature) {
    return fmt::format(
        R"({{"path":"/webhooks/square?x=1","headers":{{"X-Square-HmacSha256-Signature":"{}"}},"body":"{}"}})",
        signature, escaped(body));
  };
  EXPECT_EQ(status(reply(direct(webhook::square_signature(kSquareKey, kSquareUrl, body)))), 200);
  EXPECT_EQ(captures_of("U1"), 1);
  EXPECT_EQ(reply(direct("forged")), "error InvalidArgument");
}

TEST_F(EventTest, OtherServicesAreRefusedByName) {
  const std::pair<std::string_view, std::string_view> others[] = {
      {"sns", "Amazon SNS"}, {"s3", "Amazon S3"}, {"dynamodb-stream", "a DynamoDB stream"}};
  for (const auto& [name, words] : others) {
    const auto refused = invoke(event(name));
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::Unsupported);
    EXPECT_THAT(refused.error().message,
                AllOf(HasSubstr(words), HasSubstr("SQS batches and EventBridge events")));
    EXPECT_THAT(log_lines().back(), AllOf(HasSubstr(words), HasSubstr(R"("error":"Unsupported")"),
                                          HasSubstr(R"("request_id":")"), HasSubstr(R"("trace_id":"Root=)")));
  }
  EXPECT_EQ(log_lines().size(), std::size(others));
}

TEST_F(EventTest, AnythingElseIsRefusedAndTheNextEventServed) {
  for (const auto* text :
       {"{}", "[]", "null", "7", "\"text\"", "", "not JSON", "{\"a\":", "[[]]", "{\"Records\":{}}"}) {
    const auto refused = invoke(std::string(text));
    ASSERT_FALSE(refused) << text;
    EXPECT_FALSE(refused.error().retryable);
  }
  EXPECT_THAT(log_lines(), AllOf(testing::SizeIs(10), testing::Each(AllOf(HasSubstr(R"("request_id":")"),
                                                                          HasSubstr(R"("error":")"),
                                                                          HasSubstr(R"("reason":")")))));
  EXPECT_EQ(reply(bus("location-hit")), R"({"outcome":"location_changed"})");
}

}  // namespace
}  // namespace loopstate::function
