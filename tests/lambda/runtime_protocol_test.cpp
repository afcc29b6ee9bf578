// The decisions of the runtime loop, without a socket or a clock.
#include "lambda/runtime_protocol.hpp"

#include <gtest/gtest.h>

#include "lambda/runtime.hpp"

namespace loopstate::lambda {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::int64_t kNowMs = 1'750'000'000'000;
const Moment kMoment{Deadline(seconds(1000)), kNowMs};

/// From now.
milliseconds from_now(Deadline at) {
  return std::chrono::duration_cast<milliseconds>(at - kMoment.steady);
}

TimeAllowed divide(std::optional<std::string> header, milliseconds reserve = milliseconds(300)) {
  return divide_time(header ? std::optional<std::string_view>(*header) : std::nullopt, kMoment, reserve);
}

std::string in(std::int64_t ms) {
  return std::to_string(kNowMs + ms);
}

Environment environment_of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto at = variables.find(std::string(name));
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
}

}  // namespace

TEST(DivideTime, TheHandlersDeadlineIsTheInvocationsLessTheReserve) {
  const TimeAllowed time = divide(in(10'000));
  EXPECT_EQ(from_now(time.handler), milliseconds(9'700));
  EXPECT_EQ(from_now(time.cancel), milliseconds(9'850));
  EXPECT_EQ(from_now(time.give_up), milliseconds(9'925));
}

TEST(DivideTime, OfAShortTimeAQuarterIsKeptAtMost) {
  EXPECT_EQ(from_now(divide(in(400)).handler), milliseconds(300));
  EXPECT_EQ(from_now(divide(in(1'200)).handler), milliseconds(900));
  EXPECT_EQ(from_now(divide(in(1'201)).handler), milliseconds(901));
}

TEST(DivideTime, WithoutAReserveAllOfItIsTheHandlers) {
  const TimeAllowed time = divide(in(5'000), milliseconds(0));
  EXPECT_EQ(from_now(time.handler), seconds(5));
  EXPECT_EQ(from_now(time.give_up), seconds(5));
}

TEST(DivideTime, ATimeThatIsOverIsNow) {
  EXPECT_EQ(from_now(divide(in(0)).handler), milliseconds(0));
  EXPECT_EQ(from_now(divide(in(-60'000)).handler), milliseconds(0));
}

TEST(DivideTime, AHeaderThatMakesNoSenseAllowsThreeSeconds) {
  for (const auto& header :
       {std::optional<std::string>(), std::optional<std::string>(""), std::optional<std::string>("soon"),
        std::optional<std::string>("12x"), std::optional<std::string>("-5"), std::optional<std::string>("0"),
        std::optional<std::string>("99999999999999999999999")}) {
    EXPECT_EQ(from_now(divide(header).handler), milliseconds(2'700)) << header.value_or("(none)");
  }
}

TEST(DivideTime, NoInvocationLastsLongerThanLambdaAllows) {
  EXPECT_EQ(from_now(divide("9223372036854775807").handler), milliseconds(899'700));
}

TEST(AfterNextAnswer, EachStatusHasOneMeaning) {
  EXPECT_EQ(after_next(200), AfterNext::Serve);
  EXPECT_EQ(after_next(204), AfterNext::PollAgain);
  EXPECT_EQ(after_next(500), AfterNext::Leave);
  for (const int status : {301, 400, 403, 404, 410, 429, 502, 503}) {
    EXPECT_EQ(after_next(static_cast<std::uint16_t>(status)), AfterNext::BackOff) << status;
  }
}

TEST(AfterPostAnswer, EachStatusHasOneMeaning) {
  EXPECT_EQ(after_post(200), AfterPost::Delivered);
  EXPECT_EQ(after_post(202), AfterPost::Delivered);
  EXPECT_EQ(after_post(410), AfterPost::Stale);
  EXPECT_EQ(after_post(413), AfterPost::TooLarge);
  EXPECT_EQ(after_post(500), AfterPost::Leave);
  for (const int status : {302, 400, 403, 404}) {
    EXPECT_EQ(after_post(static_cast<std::uint16_t>(status)), AfterPost::Refused) << status;
  }
  for (const int status : {408, 429, 502, 503}) {
    EXPECT_EQ(after_post(static_cast<std::uint16_t>(status)), AfterPost::TryAgain) << status;
  }
}

TEST(PauseAfterFailedPolls, GrowsToHalfASecondAndThenGivesUp) {
  EXPECT_EQ(pause_after(1), milliseconds(10));
  EXPECT_EQ(pause_after(2), milliseconds(20));
  EXPECT_EQ(pause_after(6), milliseconds(320));
  EXPECT_EQ(pause_after(7), milliseconds(500));
  EXPECT_EQ(pause_after(11), milliseconds(500));
  EXPECT_EQ(pause_after(12), std::nullopt);
}

TEST(PauseAfterEmptyPolls, OnlyABusyLoopIsSlowedDown) {
  EXPECT_EQ(pause_after_empty(1), milliseconds(0));
  EXPECT_EQ(pause_after_empty(15), milliseconds(0));
  EXPECT_EQ(pause_after_empty(16), milliseconds(500));
  EXPECT_EQ(pause_after_empty(1'000'000), milliseconds(500));
}

TEST(ReadEvent, HeadersInAnyCaseAreFound) {
  http::ClientReply reply;
  reply.status = 200;
  reply.body = "{}";
  reply.add_header("LAMBDA-RUNTIME-AWS-REQUEST-ID", "r1");
  reply.add_header("lambda-runtime-invocation-id", "i1");
  reply.add_header("lambda-runtime-deadline-ms", in(1'200));
  const auto event = read_event(std::move(reply), kMoment, milliseconds(300));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->invocation.request_id, "r1");
  EXPECT_EQ(event->invocation.event, "{}");
  EXPECT_EQ(event->invocation_id, "i1");
  EXPECT_EQ(from_now(event->invocation.deadline), milliseconds(900));
  EXPECT_TRUE(event->deadline_known);
}

TEST(ReadEvent, WhatIsMissingIsEmpty) {
  http::ClientReply reply;
  reply.add_header("Lambda-Runtime-Aws-Request-Id", "r1");
  const auto event = read_event(std::move(reply), kMoment, milliseconds(300));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->invocation_id, std::nullopt);
  EXPECT_FALSE(event->deadline_known);
  EXPECT_EQ(event->invocation.function_arn + event->invocation.trace_id + event->invocation.tenant_id +
                event->invocation.client_context + event->invocation.cognito_identity,
            "");
}

TEST(ReadEvent, WithoutARequestIdThereIsNone) {
  http::ClientReply reply;
  reply.body = "{}";
  EXPECT_FALSE(read_event(reply, kMoment, milliseconds(300)));
  reply.add_header("Lambda-Runtime-Aws-Request-Id", "");
  EXPECT_FALSE(read_event(reply, kMoment, milliseconds(300)));
}

TEST(InvocationPath, AUuidStaysAsItIs) {
  EXPECT_EQ(invocation_path("8476a536-e9f4-11e8-9739-2dfe598c3fcd", "response"),
            "/2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response");
}

TEST(InvocationPath, EverythingElseIsEscaped) {
  EXPECT_EQ(invocation_path("a/../b c\xFF", "error"),
            "/2018-06-01/runtime/invocation/a%2F%2E%2E%2Fb%20c%FF/error");
}

TEST(ErrorBody, IsJsonWhateverTheMessageIs) {
  EXPECT_EQ(error_body({"Internal", "a \"quote\",\na line and \xFF"}),
            R"({"errorMessage":"a \"quote\",\na line and ?","errorType":"Internal","stackTrace":[]})");
}

TEST(ErrorBody, ALongMessageIsCutBetweenCharacters) {
  std::string message = "x";
  for (int character = 0; character < 4096; ++character) message += "\xC3\xA4";
  const std::string body = error_body({"Internal", message});
  EXPECT_LT(body.size(), 4200u);
  EXPECT_NE(body.find("\xC3\xA4\",\"errorType\""), std::string::npos);
}

TEST(PollCount, IsOneUnlessLambdaSaysMore) {
  EXPECT_EQ(poll_count(std::nullopt), 1u);
  for (const std::string text : {"", "0", "1", "-3", "many", "4 "}) EXPECT_EQ(poll_count(text), 1u) << text;
  EXPECT_EQ(poll_count("16"), 16u);
  EXPECT_EQ(poll_count("100000"), 512u);
}

TEST(ReadConfig, WithoutARuntimeApiTheSentenceNamesTheVariable) {
  RuntimeOptions options;
  options.environment = environment_of({});
  const auto config = RuntimeConfig::read(options);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(config.error().message.find("AWS_LAMBDA_RUNTIME_API is not set"), std::string::npos);
}

TEST(ReadConfig, AnAddressThatIsNoneIsRefused) {
  for (const std::string address : {"host:port", "127.0.0.1:9001/path", "a b", "127.0.0.1:0"}) {
    RuntimeOptions options;
    options.environment = environment_of({{"AWS_LAMBDA_RUNTIME_API", address}});
    EXPECT_FALSE(RuntimeConfig::read(options)) << address;
  }
}

TEST(ReadConfig, OptionsOutOfRangeAreRefusedByName) {
  RuntimeOptions options;
  options.environment = environment_of({{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"}});
  options.reserve = milliseconds(-1);
  EXPECT_NE(RuntimeConfig::read(options).error().message.find("reserve is -1 ms"), std::string::npos);
  options.reserve = milliseconds(10'000);
  EXPECT_TRUE(RuntimeConfig::read(options));
  options.shutdown_grace = milliseconds(10'001);
  EXPECT_NE(RuntimeConfig::read(options).error().message.find("shutdown_grace"), std::string::npos);
}

TEST(ReadConfig, ALogSettingThatMakesNoSenseIsLoggedAndNoReasonToStop) {
  std::string lines;
  RuntimeOptions options;
  options.environment =
      environment_of({{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"}, {"LOOPSTATE_LOG", "xml"}});
  options.log = [&lines](std::string_view line) { lines += line; };
  EXPECT_TRUE(RuntimeConfig::read(options));
  EXPECT_NE(lines.find("LOOPSTATE_LOG"), std::string::npos);
}

}  // namespace loopstate::lambda
