#include "dynamodb/reply.hpp"

#include <gtest/gtest.h>

#include "dynamodb/crc32.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'795'594'753}};  // Wed, 25 Nov 2026 08:19:13 GMT

http::ClientReply reply(std::uint16_t status, std::string body) {
  http::ClientReply out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

Failure failure_of(http::ClientReply answer, Operation operation = Operation::UpdateItem) {
  auto understood = understand(operation, std::move(answer), kNow);
  EXPECT_FALSE(understood);
  return understood ? Failure() : std::move(understood.error());
}

Failure service_error(std::string_view type, std::uint16_t status = 400) {
  return failure_of(reply(status, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + std::string(type) +
                                      R"(","message":"why"})"));
}

}  // namespace

TEST(Reply, ABodyWithStatus200IsTheAnswer) {
  const auto understood = understand(Operation::GetItem, reply(200, "{}"), kNow);
  ASSERT_TRUE(understood);
  EXPECT_EQ(*understood, "{}");
}

TEST(Reply, AWrongChecksumIsADamagedReplyThatMayHaveBeenDone) {
  http::ClientReply damaged = reply(200, "{}");
  damaged.add_header("x-amz-crc32", "1");
  const Failure failure = failure_of(damaged);
  EXPECT_EQ(failure.error.code, ErrorCode::ProtocolError);
  EXPECT_EQ(failure.again, Again::Transient);
  EXPECT_TRUE(failure.maybe_done);
}

TEST(Reply, ARightChecksumOrNoneIsFine) {
  http::ClientReply good = reply(200, "{}");
  good.add_header("X-Amz-Crc32", std::to_string(crc32("{}")));
  EXPECT_TRUE(understand(Operation::GetItem, good, kNow));
}

TEST(Reply, A200ThatIsNoJsonIsAskedForAgain) {
  const Failure failure = failure_of(reply(200, "<html>"));
  EXPECT_EQ(failure.error.code, ErrorCode::ProtocolError);
  EXPECT_EQ(failure.again, Again::Transient);
  EXPECT_TRUE(failure.maybe_done);
}

TEST(Reply, ARefusedConditionBringsTheItem) {
  const Failure failure = failure_of(reply(
      400,
      R"({"__type":"x#ConditionalCheckFailedException","Item":{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"N":"3"}},"message":"m"})"));
  EXPECT_TRUE(failure.refused);
  EXPECT_EQ(failure.again, Again::Never);
  ASSERT_TRUE(failure.item);
  EXPECT_EQ(failure.item->int64("v"), 3);
}

struct Case {
  std::string_view type;
  std::uint16_t status;
  ErrorCode code;
  Again again;
};
class EachError : public testing::TestWithParam<Case> {};

TEST_P(EachError, HasItsCodeAndItsRetry) {
  const Failure failure = service_error(GetParam().type, GetParam().status);
  EXPECT_EQ(failure.error.code, GetParam().code) << failure.error.message;
  EXPECT_EQ(failure.again, GetParam().again);
  // A failure halfway, or a transaction under way: it may have been done nevertheless.
  EXPECT_EQ(failure.maybe_done,
            GetParam().again == Again::Transient || GetParam().type == "TransactionInProgressException");
  EXPECT_NE(failure.error.message.find(GetParam().type), std::string::npos) << failure.error.message;
}

INSTANTIATE_TEST_SUITE_P(
    Reply, EachError,
    testing::Values(
        Case{"AccessDeniedException", 400, ErrorCode::AccessDenied, Again::Never},
        Case{"IncompleteSignatureException", 400, ErrorCode::AccessDenied, Again::Never},
        Case{"MissingAuthenticationTokenException", 400, ErrorCode::AccessDenied, Again::Never},
        Case{"InvalidSignatureException", 400, ErrorCode::AccessDenied, Again::Never},
        Case{"UnrecognizedClientException", 400, ErrorCode::AccessDenied, Again::Credentials},
        Case{"ExpiredTokenException", 400, ErrorCode::CredentialsExpired, Again::Credentials},
        Case{"ValidationException", 400, ErrorCode::InvalidArgument, Again::Never},
        Case{"SerializationException", 400, ErrorCode::InvalidArgument, Again::Never},
        Case{"ResourceNotFoundException", 400, ErrorCode::TableNotFound, Again::Never},
        Case{"TableNotFoundException", 400, ErrorCode::TableNotFound, Again::Never},
        Case{"ResourceInUseException", 400, ErrorCode::TableNotReady, Again::Never},
        Case{"IdempotentParameterMismatchException", 400, ErrorCode::InvalidArgument, Again::Never},
        Case{"TransactionConflictException", 400, ErrorCode::Unavailable, Again::Conflict},
        Case{"ReplicatedWriteConflictException", 400, ErrorCode::Unavailable, Again::Conflict},
        Case{"TransactionInProgressException", 400, ErrorCode::Unavailable, Again::Throttling},
        Case{"ProvisionedThroughputExceededException", 400, ErrorCode::Throttled, Again::Throttling},
        Case{"ThrottlingException", 400, ErrorCode::Throttled, Again::Throttling},
        Case{"RequestLimitExceeded", 400, ErrorCode::Throttled, Again::Throttling},
        Case{"LimitExceededException", 400, ErrorCode::Throttled, Again::Throttling},
        Case{"InternalServerError", 500, ErrorCode::Unavailable, Again::Transient},
        Case{"ServiceUnavailable", 503, ErrorCode::Unavailable, Again::Transient},
        Case{"SomethingNew", 500, ErrorCode::Unavailable, Again::Transient},
        Case{"SomethingNew", 429, ErrorCode::Throttled, Again::Throttling},
        Case{"RequestTimeoutException", 400, ErrorCode::Unavailable, Again::Transient},
        Case{"UnknownOperationException", 400, ErrorCode::Unsupported, Again::Never},
        Case{"ItemCollectionSizeLimitExceededException", 400, ErrorCode::StorageFull, Again::Never}),
    [](const auto& each) { return std::string(each.param.type) + std::to_string(each.param.status); });

TEST(Reply, TheThrottlingReasonIsSaid) {
  const Failure failure = failure_of(reply(
      400,
      R"({"__type":"ThrottlingException","Message":"slow","ThrottlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded","resource":"arn"}]})"));
  EXPECT_NE(failure.error.message.find("TableWriteKeyRangeThroughputExceeded"), std::string::npos);
}

TEST(Reply, AnItemThatWouldBeTooLargeIsToldFromOtherValidation) {
  const Failure failure = failure_of(reply(
      400,
      R"({"__type":"x#ValidationException","message":"Item size to update has exceeded the maximum allowed size"})"));
  EXPECT_EQ(failure.error.code, ErrorCode::ItemTooLarge);
}

TEST(Reply, ARefusedSignatureWithAnotherDateIsAClockThatIsWrong) {
  http::ClientReply answer =
      reply(400, R"({"__type":"x#InvalidSignatureException","message":"Signature expired"})");
  answer.add_header("Date", "Wed, 25 Nov 2026 09:19:13 GMT");
  const Failure failure = failure_of(answer);
  EXPECT_EQ(failure.error.code, ErrorCode::ClockSkew);
  EXPECT_EQ(failure.again, Again::Clock);
  EXPECT_EQ(failure.server_time, kNow + 3600s);
}

TEST(Reply, ARefusedSignatureAtTheRightTimeIsTheCredentialsFault) {
  http::ClientReply answer = reply(400, R"({"__type":"x#InvalidSignatureException","message":"m"})");
  answer.add_header("Date", "Wed, 25 Nov 2026 08:19:10 GMT");
  const Failure failure = failure_of(answer);
  EXPECT_EQ(failure.error.code, ErrorCode::AccessDenied);
  EXPECT_NE(failure.error.message.find("the session token or the region is wrong"), std::string::npos);
}

// The service answers a wrong signature with the headers it saw.
TEST(Reply, ARefusedSignatureNeverTellsTheSessionToken) {
  for (const std::string type : {"InvalidSignatureException", "SignatureDoesNotMatch",
                                 "IncompleteSignatureException", "RequestTimeTooSkewed"}) {
    const Failure failure = failure_of(reply(
        400, R"({"__type":"x#)" + type + R"(","message":"should have been x-amz-security-token:hunter2"})"));
    EXPECT_EQ(failure.error.message.find("hunter2"), std::string::npos) << failure.error.message;
  }
}

TEST(Reply, AServerOrTableWithoutTransactionsIsSaidToLackThem) {
  for (const std::string body :
       {R"({"__type":"x#UnknownOperationException"})",
        R"({"__type":"x#ValidationException","message":"Transactions are not supported on this table"})"}) {
    const auto answer = understand(Operation::TransactWriteItems, reply(400, body), kNow);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error.code, ErrorCode::Unsupported) << body;
    EXPECT_NE(answer.error().error.message.find("needs a DynamoDB table with transactions"),
              std::string::npos);
  }
}

TEST(Reply, WhereNoneCameTheMessageSaysWhatToCheck) {
  const std::pair<ErrorCode, std::string_view> cases[] = {
      {ErrorCode::ConnectionFailed, "check the region and the endpoint"},
      {ErrorCode::TlsFailed, "AWS_CA_BUNDLE"},
      {ErrorCode::ProtocolError, "between here and the endpoint"}};
  for (const auto& [code, says] : cases) {
    const Failure failure =
        understand(Operation::GetItem, http::ClientFailure{Error{code, "why", true, nullptr}, false});
    EXPECT_EQ(failure.error.code, code);
    EXPECT_NE(failure.error.message.find(says), std::string::npos) << failure.error.message;
  }
}

TEST(Reply, TheServicesHintIsRead) {
  http::ClientReply answer = reply(400, R"({"__type":"x#ThrottlingException"})");
  answer.add_header("x-amz-retry-after", "1500");
  EXPECT_EQ(failure_of(answer).retry_after, std::chrono::milliseconds(1500));
  http::ClientReply odd = reply(400, R"({"__type":"x#ThrottlingException"})");
  odd.add_header("x-amz-retry-after", "-1");
  EXPECT_FALSE(failure_of(odd).retry_after);
}

/// `reasons` is JSON.
Failure cancelled_for(const std::string& reasons) {
  return failure_of(reply(400, R"({"__type":"x#TransactionCanceledException","CancellationReasons":)" +
                                   reasons + R"(,"Message":"m"})"),
                    Operation::TransactWriteItems);
}

TEST(Reply, ARefusedConditionOfATransactionIsAnAnswer) {
  const Failure failure = cancelled_for(
      R"([{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m","Item":{"pk":{"S":"p"},"sk":{"S":"s"}}}])");
  EXPECT_TRUE(failure.refused);
  EXPECT_EQ(failure.again, Again::Never);
  ASSERT_EQ(failure.reasons.size(), 2u);
  EXPECT_TRUE(failure.reasons[1].item);
}

TEST(Reply, ATransactionThatOnlyMetAnotherIsSentAgain) {
  const Failure failure = cancelled_for(R"([{"Code":"TransactionConflict"},{"Code":"None"}])");
  EXPECT_FALSE(failure.refused);
  EXPECT_EQ(failure.again, Again::Conflict);
}

TEST(Reply, AThrottledTransactionIsSentAgainLater) {
  const Failure failure = cancelled_for(R"([{"Code":"TransactionConflict"},{"Code":"ThrottlingError"}])");
  EXPECT_EQ(failure.again, Again::Throttling);
}

TEST(Reply, AConflictBesideARefusedConditionIsARefusal) {
  const Failure failure =
      cancelled_for(R"([{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}])");
  EXPECT_TRUE(failure.refused);
  EXPECT_EQ(failure.again, Again::Never);
}

TEST(Reply, AnInvalidPartOfATransactionIsNamedByItsNumber) {
  const Failure failure = cancelled_for(R"([{"Code":"None"},{"Code":"ValidationError","Message":"bad"}])");
  EXPECT_EQ(failure.error.code, ErrorCode::InvalidArgument);
  EXPECT_NE(failure.error.message.find("operation 2"), std::string::npos);
}

TEST(Reply, AnotherServersAnswerIsNoneOfDynamoDbs) {
  EXPECT_EQ(failure_of(reply(403, "<html>Forbidden</html>")).error.code, ErrorCode::ProtocolError);
  EXPECT_EQ(failure_of(reply(302, "")).error.code, ErrorCode::ProtocolError);
  EXPECT_EQ(failure_of(reply(502, "<html>")).again, Again::Transient);
}

TEST(Reply, WhatSomethingOnTheWayAnswersMayHaveBeenDoneUnlessItIsARefusal) {
  for (const std::uint16_t status : {101, 204, 302, 408, 502, 504}) {
    EXPECT_TRUE(failure_of(reply(status, "<html>")).maybe_done) << status;
  }
  for (const std::uint16_t status : {400, 403, 407, 413, 429}) {
    EXPECT_FALSE(failure_of(reply(status, "<html>")).maybe_done) << status;
  }
  EXPECT_EQ(failure_of(reply(408, "")).again, Again::Transient);
}

TEST(Reply, SaysWhetherItsRequestHadBeenSentBefore) {
  http::ClientReply answer = reply(400, R"({"__type":"x#ThrottlingException"})");
  EXPECT_FALSE(failure_of(answer).sent_before);
  answer.sent_before = true;
  EXPECT_TRUE(failure_of(answer).sent_before);
}

TEST(Reply, HttpDatesAreRead) {
  EXPECT_EQ(parse_http_date("Wed, 25 Nov 2026 08:19:13 GMT"), kNow);
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Timestamp{});
  EXPECT_FALSE(parse_http_date("Wed, 25 Nov 2026 08:19:13 CET"));
  EXPECT_FALSE(parse_http_date("Wed, 31 Feb 2026 08:19:13 GMT"));
  EXPECT_FALSE(parse_http_date(""));
}

}  // namespace loopstate::dynamodb
