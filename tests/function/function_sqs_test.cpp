// Batches from SQS: what is acted on, what stays in the queue, and what time signatures are judged by.
#include "function/function_fixture.hpp"

namespace loopstate::function {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kNoFailures = R"({"batchItemFailures":[]})";

std::string failures(std::initializer_list<int> records) {
  std::string text;
  for (const auto record : records) {
    text += fmt::format(R"({}{{"itemIdentifier":"00000000-0000-4000-8000-00000000000{}"}})",
                        text.empty() ? "" : ",", record);
  }
  return R"({"batchItemFailures":[)" + text + "]}";
}

class SqsTest : public FunctionTest {
 protected:
  /// A Square delivery, as the event of the gateway that received it.
  static std::string square_event(const SquarePayment& payment) {
    const auto body = square_payment(payment);
    return event(
        "alb", {{"@SIGNATURE@", webhook::square_signature(kSquareKey, kSquareUrl, body)}, {"@BODY@", body}});
  }

  static std::string stripe_signed(std::string_view body, Timestamp at) {
    return webhook::stripe_signature_header(kStripeSecret, at, body);
  }

  /// A raw Stripe body with its headers as attributes, a gateway's complete event, an event from
  /// EventBridge.
  static std::string three_forms(std::string_view stripe_header, std::string_view stripe_body) {
    return from_event_queue(event("sqs", {{"@SIGNATURE_1@", stripe_header},
                                          {"@BODY_1@", stripe_body},
                                          {"@BODY_2@", square_event({})},
                                          {"@BODY_3@", event("eventbridge-location-hit")}}));
  }

  /// The same batch from the queue that only EventBridge and Lambda may write to.
  static std::string from_event_queue(std::string batch) {
    return with(std::move(batch), "123456789012:webhooks", "123456789012:events");
  }

  static std::string fifo(std::string_view first, std::string_view second, std::string_view third) {
    return event("sqs-fifo", {{"@BODY_1@", first}, {"@BODY_2@", second}, {"@BODY_3@", third}});
  }
};

TEST_F(SqsTest, TakesRawBodiesWholeEnvelopesAndBusEvents) {
  link("card-1", "U1");
  link("sq0-card", "U2");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  EXPECT_EQ(reply(three_forms(stripe_signed(body, kNow - 20s), body)), kNoFailures);
  EXPECT_EQ(captures_of("U1"), 1);
  EXPECT_EQ(captures_of("U2"), 1);
  EXPECT_EQ(snapshot("U1").location->merchant.text(), "M1");
}

TEST_F(SqsTest, AnUnsignedEventInAQueueThatOthersMayWriteToIsNeverActedOn) {
  link("sq0-card", "U2");
  const auto purchase =
      event("eventbridge-transaction-detected", {{"@FINGERPRINT@", fingerprint_of("sq0-card").text()}});
  const auto batch = event("sqs", {{"@SIGNATURE_1@", "x"},
                                   {"@BODY_1@", "x"},
                                   {"@BODY_2@", purchase},
                                   {"@BODY_3@", event("eventbridge-location-hit")}});
  EXPECT_EQ(reply(batch), failures({1, 2, 3}));
  EXPECT_EQ(captures_of("U2"), 0);
  EXPECT_FALSE(snapshot("U1").location);
  EXPECT_THAT(log_lines(), testing::Contains(HasSubstr("which is not signed")));
  EXPECT_EQ(reply(from_event_queue(batch)), failures({1}));
  EXPECT_EQ(captures_of("U2"), 1);
}

TEST_F(SqsTest, QueuesOfEventsAreNamedByTheirArns) {
  const auto read = [](std::string value) {
    return FunctionOptions::from_environment([value](std::string_view name) -> std::optional<std::string> {
      if (name == "LOOPSTATE_EVENT_QUEUES") return value;
      return std::nullopt;
    });
  };
  EXPECT_TRUE(read("")->event_queues.empty());
  EXPECT_THAT(read("arn:aws:sqs:r:1:a,arn:aws:sqs:r:1:b")->event_queues,
              testing::ElementsAre("arn:aws:sqs:r:1:a", "arn:aws:sqs:r:1:b"));
  EXPECT_EQ(read("https://sqs.example/1/a").error().code, ErrorCode::InvalidArgument);
}

TEST_F(SqsTest, OnlyWhatFailedStaysInTheQueue) {
  link("card-1", "U1");
  link("sq0-card", "U2");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  EXPECT_EQ(reply(three_forms("t=1,v1=forged", body)), failures({1}));
  EXPECT_EQ(captures_of("U1"), 0);
  EXPECT_EQ(captures_of("U2"), 1);
}

TEST_F(SqsTest, ABusyStoreLeavesEveryRecordAndTheNextDeliveryTakesThem) {
  link("card-1", "U1");
  link("sq0-card", "U2");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  const auto batch = three_forms(stripe_signed(body, kNow), body);
  model->fail_reads(1'000);
  model->fail_writes(1'000);
  EXPECT_EQ(reply(batch), failures({1, 2, 3}));
  model->fail_reads(0);
  model->fail_writes(0);
  EXPECT_EQ(reply(batch), kNoFailures);
  EXPECT_EQ(reply(batch), kNoFailures);
  EXPECT_EQ(captures_of("U1"), 1);
  EXPECT_EQ(captures_of("U2"), 1);
}

TEST_F(SqsTest, ARecordThatCanNeverBeReadTakesNoOtherWithIt) {
  link("sq0-card", "U1");
  for (const auto* poison : {"not JSON", "{}", "[1]", "7", R"({"Records":[{"eventSource":"aws:sqs"}]})",
                             R"({"Type":"Notification","TopicArn":"arn:aws:sns:x","Message":"{}"})"}) {
    const auto before = log_lines().size();
    EXPECT_EQ(reply(event("sqs", {{"@SIGNATURE_1@", "t=1,v1=forged"},
                                  {"@BODY_1@", "{}"},
                                  {"@BODY_2@", poison},
                                  {"@BODY_3@", square_event({})}})),
              failures({1, 2}))
        << poison;
    const auto lines_now = log_lines();
    const auto line = std::find_if(lines_now.begin() + static_cast<std::ptrdiff_t>(before), lines_now.end(),
                                   [](const auto& text) { return text.contains("can never be acted on"); });
    ASSERT_NE(line, lines_now.end());
    EXPECT_THAT(*line,
                AllOf(HasSubstr("\"level\":\"error\""), HasSubstr("00000000-0000-4000-8000-000000000002"),
                      HasSubstr("\"request_id\":\"req-1\"")));
  }
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(SqsTest, ARecordThatIsNoRecordIsAFailureOfItsOwn) {
  link("sq0-card", "U1");
  const auto batch = event(
      "sqs", {{"@SIGNATURE_1@", "x"}, {"@BODY_1@", "x"}, {"@BODY_2@", "x"}, {"@BODY_3@", square_event({})}});
  EXPECT_EQ(reply(with(batch, "\"body\": \"x\"", "\"body\": null")), failures({1, 2}));
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(SqsTest, WithoutAnIdTheWholeBatchIsRepeated) {
  link("sq0-card", "U1");
  const auto batch = event(
      "sqs", {{"@SIGNATURE_1@", "x"}, {"@BODY_1@", "x"}, {"@BODY_2@", "x"}, {"@BODY_3@", square_event({})}});
  for (const auto* id : {"\"messageId\": \"\"", "\"messageId\": null", "\"other\": 1"}) {
    EXPECT_EQ(reply(with(batch, "\"messageId\": \"00000000-0000-4000-8000-000000000001\"", id)),
              "error Unavailable");
    EXPECT_THAT(log_lines().back(), AllOf(HasSubstr("messages stay in the queue"), HasSubstr("has no id")));
  }
  EXPECT_EQ(captures_of("U1"), 1);
  // A record that succeeded needs none.
  const auto good = square_event({});
  EXPECT_EQ(reply(with(fifo(good, good, good), "\"messageId\": \"00000000-0000-4000-8000-000000000001\"",
                       "\"other\": 1")),
            kNoFailures);
}

TEST_F(SqsTest, AFirstInFirstOutQueueStopsAtTheFirstFailure) {
  link("sq0-card", "U1");
  const auto first = square_event({.id = "pay1"});
  const auto third = square_event({.id = "pay3"});
  EXPECT_EQ(reply(fifo(first, "not JSON", third)), failures({2, 3}));
  EXPECT_EQ(captures_of("U1"), 1);
  EXPECT_EQ(reply(fifo(first, square_event({.id = "pay2"}), third)), kNoFailures);
  EXPECT_EQ(captures_of("U1"), 3);
}

TEST_F(SqsTest, AFirstInFirstOutQueueIsServedInOrder) {
  link("sq0-card", "U1");
  const auto refund_body = square_refund("re1", "pay1", 300);
  const auto refund =
      event("alb", {{"@SIGNATURE@", webhook::square_signature(kSquareKey, kSquareUrl, refund_body)},
                    {"@BODY@", refund_body}});
  EXPECT_EQ(reply(fifo(square_event({}), refund, square_event({.id = "pay2"}))), kNoFailures);
  ASSERT_THAT(log_lines(), testing::SizeIs(3));
  EXPECT_THAT(log_lines()[0], HasSubstr("\"outcome\":\"recorded\""));
  EXPECT_THAT(log_lines()[1], HasSubstr("\"outcome\":\"refund_recorded\""));
}

TEST_F(SqsTest, TimeInTheQueueDoesNotMakeASignatureStale) {
  link("card-1", "U1");
  link("sq0-card", "U2");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  // Signed ten minutes ago, put in the queue a minute later; seen only now.
  const auto waited = with(three_forms(stripe_signed(body, kNow - 600s), body), "1749999990000",
                           fmt::format("{}", unix_seconds(kNow - 540s) * 1000));
  EXPECT_EQ(reply(waited), kNoFailures);
  EXPECT_EQ(captures_of("U1"), 1);
}

TEST_F(SqsTest, ASignatureThatWasStaleWhenItCameStaysSo) {
  link("card-1", "U1");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  const auto replayed = with(three_forms(stripe_signed(body, kNow - 900s), body), "1749999990000",
                             fmt::format("{}", unix_seconds(kNow - 540s) * 1000));
  EXPECT_EQ(reply(replayed), failures({1}));
  EXPECT_EQ(captures_of("U1"), 0);
}

TEST_F(SqsTest, AQueueTimeAheadOfNowIsNotBelieved) {
  link("fidel-card", "U1");
  // Fidel's window has two sides: a signature from the future is refused, even if the queue's time fits
  // it.
  const auto body = fidel_transaction("tx1", "fidel-card", "5.44");
  const auto future = fmt::format("{}", unix_seconds(kNow + 3'000s) * 1000);
  const auto signature =
      webhook::fidel_signature(fidel_secret(webhook::FidelKind::Clearing), kFidelUrl, future, body);
  const auto request =
      event("api-gateway-v1", {{"@SIGNATURE@", signature}, {"@TIMESTAMP@", future}, {"@BODY@", body}});
  const auto batch = event("sqs", {{"@SIGNATURE_1@", "x"},
                                   {"@BODY_1@", "x"},
                                   {"@BODY_2@", request},
                                   {"@BODY_3@", event("eventbridge-location-hit")}});
  EXPECT_EQ(reply(from_event_queue(with(batch, "1749999990000", future))), failures({1, 2}));
  EXPECT_EQ(captures_of("U1"), 0);
}

TEST_F(SqsTest, TheTimeInsideAnEnvelopeIsNotBelieved) {
  link("card-1", "U1");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  const auto request =
      event("api-gateway-v2", {{"@SIGNATURE@", stripe_signed(body, kNow - 900s)}, {"@BODY@", body}});
  const auto batch =
      fifo(with(request, "1750000000000", fmt::format("{}", unix_seconds(kNow - 900s) * 1000)), "x", "x");
  EXPECT_EQ(reply(batch), failures({1, 2, 3}));
  EXPECT_THAT(log_lines().front(), HasSubstr("stale_timestamp"));
}

TEST_F(SqsTest, APaymentThatIsTooOldIsNotCapturedHoweverLongItWaited) {
  link("sq0-card", "U1");
  // 85 days old when it was put in the queue, and two weeks in there: its mark may be gone.
  clock.advance(99 * 24h);
  const auto sent_ms = unix_seconds(kNow + 85 * 24h) * 1000;
  const auto told = square_event({.told_at = "2025-09-08T00:00:00Z"});
  const auto batch = with(fifo(told, told, told), "1749999990000", fmt::format("{}", sent_ms));
  EXPECT_EQ(reply(batch), kNoFailures);
  EXPECT_EQ(captures_of("U1"), 0);
  EXPECT_THAT(log_lines().front(), HasSubstr("\"outcome\":\"too_old\""));
}

TEST_F(SqsTest, ABodyMayBeBase64AndTheProviderNamedByPath) {
  link("card-1", "U1");
  const auto body = stripe_charge("ch_1", "card-1", 990);
  auto batch = event("sqs", {{"@SIGNATURE_1@", stripe_signed(body, kNow)},
                             {"@BODY_1@", crypto::base64_encode(body)},
                             {"@BODY_2@", event("eventbridge-location-hit")},
                             {"@BODY_3@", event("eventbridge-location-hit")}});
  batch = with(with(batch, "\"provider\": {",
                    R"("isBase64Encoded":{"stringValue":"true","dataType":"String"},"path": {)"),
               "\"stringValue\": \"stripe\"", "\"stringValue\": \"/prod/webhooks/stripe\"");
  batch = from_event_queue(std::move(batch));
  EXPECT_EQ(reply(batch), kNoFailures);
  EXPECT_EQ(captures_of("U1"), 1);
  EXPECT_EQ(reply(with(batch, "/prod/webhooks/stripe", "/prod/webhooks/paypal")), failures({1}));
  EXPECT_EQ(reply(with(batch, crypto::base64_encode(body), "no base64")), failures({1}));
}

TEST_F(SqsTest, NothingIsBegunOnceTheTimeIsOver) {
  link("sq0-card", "U1");
  auto late = invocation(fifo(square_event({}), square_event({}), square_event({})));
  late.deadline = pacer.now();
  const auto text = invoke(std::move(late));
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, failures({1, 2, 3}));
  EXPECT_EQ(captures_of("U1"), 0);
  EXPECT_THAT(log_lines(), testing::ElementsAre(HasSubstr("messages stay in the queue")));
}

TEST_F(SqsTest, ThousandsOfRecordsAreServedAFewAtATime) {
  link("sq0-card", "U1");
  std::string records;
  for (int i = 0; i < 2'000; ++i) {
    records += fmt::format(
        R"({}{{"messageId":"m{}","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:events",)"
        R"("body":"{}"}})",
        i == 0 ? "" : ",", i, i % 1'000 == 999 ? "poison" : escaped(event("eventbridge-scheduled-event")));
  }
  EXPECT_EQ(reply(R"({"Records":[)" + records + "]}"),
            R"({"batchItemFailures":[{"itemIdentifier":"m999"},{"itemIdentifier":"m1999"}]})");
}

TEST_F(SqsTest, PipesSendTheRecordsAsABareArray) {
  link("sq0-card", "U1");
  const auto batch = fifo(square_event({}), "x", square_event({.id = "pay3"}));
  const auto records = json::View(batch).find("Records");
  EXPECT_EQ(reply(std::string(records->text())), failures({2, 3}));
}

TEST_F(SqsTest, LogsNameTheMessageAndNeverWhatIsInIt) {
  link("sq0-card", "U1");
  reply(fifo(square_event({}), R"({"secret-payload":"sq0-card"})", "x"));
  ASSERT_THAT(log_lines(), testing::SizeIs(3));
  for (const auto& line : log_lines()) {
    EXPECT_THAT(line, AllOf(HasSubstr("\"trace_id\":\"Root="), Not(HasSubstr("sq0-card")),
                            Not(HasSubstr("secret-payload"))));
  }
  EXPECT_THAT(log_lines().front(), HasSubstr("\"message_id\":\"00000000-0000-4000-8000-000000000001\""));
}

}  // namespace
}  // namespace loopstate::function
