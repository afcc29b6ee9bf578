// The loop against each thing that Lambda's Runtime API may answer.
#include <algorithm>

#include "lambda/runtime_fixture.hpp"

namespace loopstate::lambda {

using std::chrono::milliseconds;

TEST_F(RuntimeTest, AnEventsBytesReachTheHandlerAndItsReplyReachesLambda) {
  begin();
  const std::string bytes = std::string("not JSON \0 \xFF at all", 18);
  EXPECT_EQ(answer_to("r1", bytes).body, "echo " + bytes);
  EXPECT_EQ(stop(), 0);
}

TEST_F(RuntimeTest, OneConnectionServesAllEvents) {
  options.register_extension = false;
  begin();
  for (int event = 0; event < 20; ++event) answer_to("r" + std::to_string(event), "x");
  EXPECT_EQ(stub.connections(), 1);
  EXPECT_EQ(stop(), 0);
}

TEST_F(RuntimeTest, TheHandlerGetsWhatTheHeadersSay) {
  begin();
  ApiAnswer event = event_answer("r1", "describe");
  event.headers.emplace_back("Lambda-Runtime-Aws-Tenant-Id", "tenant-7");
  event.headers.emplace_back("lambda-runtime-client-context", R"({"client":{}})");
  event.headers.emplace_back("Lambda-Runtime-Cognito-Identity", R"({"identity":1})");
  stub.add(event);
  const auto answer = stub.wait_for("/r1/response", 1).front();
  EXPECT_EQ(answer.body, R"({"request_id":"r1","arn":"arn:aws:lambda:eu-west-1:012345678912:function:f",)"
                         R"("trace_id":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",)"
                         R"("exported_trace_id":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",)"
                         R"("tenant_id":"tenant-7","client_context":"{\"client\":{}}",)"
                         R"("cognito_identity":"{\"identity\":1}","cold":true})");
}

TEST_F(RuntimeTest, OnlyTheFirstEventIsCold) {
  begin();
  EXPECT_NE(answer_to("r1", "describe").body.find(R"("cold":true)"), std::string::npos);
  EXPECT_NE(answer_to("r2", "describe").body.find(R"("cold":false)"), std::string::npos);
}

TEST_F(RuntimeTest, ATraceIdIsNotLeftOverForAnEventWithoutOne) {
  begin();
  answer_to("r1", "describe");
  ApiAnswer event = event_answer("r2", "describe");
  std::erase_if(event.headers, [](const auto& header) { return header.first == "Lambda-Runtime-Trace-Id"; });
  stub.add(event);
  const auto answer = stub.wait_for("/r2/response", 1).front();
  EXPECT_NE(answer.body.find(R"("trace_id":"","exported_trace_id":"")"), std::string::npos) << answer.body;
}

TEST_F(RuntimeTest, TheInvocationIdGoesBackWithAReplyAndWithAnError) {
  begin();
  for (const std::string what : {"x", "fail"}) {
    ApiAnswer event = event_answer(what, what);
    event.headers.emplace_back("Lambda-Runtime-Invocation-Id", "attempt 2/of " + what);
    stub.add(event);
  }
  EXPECT_EQ(stub.wait_for("/x/response", 1).front().header("Lambda-Runtime-Invocation-Id"), "attempt 2/of x");
  EXPECT_EQ(stub.wait_for("/fail/error", 1).front().header("Lambda-Runtime-Invocation-Id"),
            "attempt 2/of fail");
}

TEST_F(RuntimeTest, WithoutAnInvocationIdNoneIsSent) {
  begin();
  EXPECT_EQ(answer_to("r1", "x").header("Lambda-Runtime-Invocation-Id"), std::nullopt);
}

TEST_F(RuntimeTest, AnErrorOfTheHandlerReachesItsCaller) {
  begin();
  stub.add_event("r1", "fail");
  const auto call = stub.wait_for("/r1/error", 1).front();
  EXPECT_EQ(call.body,
            R"({"errorMessage":"the event has no user","errorType":"InvalidArgument","stackTrace":[]})");
  EXPECT_EQ(call.header("Lambda-Runtime-Function-Error-Type"), "Function.InvalidArgument");
  EXPECT_EQ(answer_to("r2", "x").body, "echo x");
}

TEST_F(RuntimeTest, AnExceptionBecomesAnErrorAndTheLoopGoesOn) {
  begin();
  stub.add_event("r1", "throw");
  stub.add_event("r2", "throw a number");
  EXPECT_EQ(stub.wait_for("/r1/error", 1).front().body,
            R"({"errorMessage":"the handler's own words","errorType":"UnhandledException","stackTrace":[]})");
  EXPECT_NE(stub.wait_for("/r2/error", 1).front().body.find("UnhandledException"), std::string::npos);
  EXPECT_EQ(answer_to("r3", "x").body, "echo x");
}

TEST_F(RuntimeTest, AnErrorOfTheHandlerIsOneLine) {
  begin();
  stub.add_event("r1", "fail");
  stub.wait_for("/r1/error", 1);
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find(R"("request_id":"r1")"), std::string::npos) << log();
  EXPECT_NE(log().find(R"("error":"InvalidArgument","error_message":"the event has no user")"),
            std::string::npos)
      << log();
  EXPECT_EQ(std::ranges::count(log(), '\n'), 1) << log();
}

TEST_F(RuntimeTest, AnErrorThatTheHandlerLoggedIsNoSecondLine) {
  errors_logged_by = ErrorsLoggedBy::TheHandler;
  begin();
  stub.add_event("r1", "fail");
  EXPECT_NE(stub.wait_for("/r1/error", 1).front().body.find("InvalidArgument"), std::string::npos);
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(log(), "");
}

TEST_F(RuntimeTest, AnExceptionIsLoggedByTheLoopInAnyCase) {
  errors_logged_by = ErrorsLoggedBy::TheHandler;
  begin();
  stub.add_event("r1", "throw");
  stub.wait_for("/r1/error", 1);
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find("the handler's own words"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AHandlerThatThrowsBeforeItIsACoroutineIsNoWorse) {
  begin([]() -> Task<Result<Handler>> {
    co_return Handler([](Invocation) -> Task<Result<std::string>> { throw std::logic_error("at once"); });
  });
  stub.add_event("r1", "x");
  EXPECT_NE(stub.wait_for("/r1/error", 1).front().body.find("at once"), std::string::npos);
  EXPECT_TRUE(stub.wait_until_waiting(1));
}

TEST_F(RuntimeTest, NoContentIsAskedAgain) {
  begin();
  for (int poll = 0; poll < 3; ++poll) stub.add(ApiAnswer{204, {}, {}, ApiAnswer::Fault::None});
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
}

TEST_F(RuntimeTest, AReplyThatIsGoneIsLoggedAndTheNextEventServed) {
  stub.set_responder(status_for("/r1/response", 410));
  begin();
  answer_to("r1", "x");
  answer_to("r2", "x");
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find(R"("request_id":"r1","trace_id":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",)"
                       R"("what":"reply","status":410)"),
            std::string::npos)
      << log();
  EXPECT_EQ(stub.calls_to("/error").size(), 0u);
}

TEST_F(RuntimeTest, AReplyThatIsRefusedIsLoggedAndTheNextEventServed) {
  for (const int refusal : {400, 403}) {
    const std::string id = "r" + std::to_string(refusal);
    stub.set_responder(status_for("/" + id + "/response", refusal));
    if (!thread.joinable()) begin();
    answer_to(id, "x");
    answer_to("next", "x");
    EXPECT_EQ(stub.calls_to("/" + id + "/response").size(), 1u);
  }
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find(R"("status":400)"), std::string::npos);
  EXPECT_NE(log().find(R"("status":403)"), std::string::npos);
}

TEST_F(RuntimeTest, AReplyThatIsTooLargeBecomesAnErrorThatSaysSo) {
  stub.set_responder(status_for("/r1/response", 413));
  begin();
  stub.add_event("r1", "big:7000000");
  EXPECT_EQ(stub.wait_for("/r1/error", 1).front().body,
            R"({"errorMessage":"the reply has 7000000 bytes, more than Lambda takes",)"
            R"("errorType":"ResponseSizeTooLarge","stackTrace":[]})");
  EXPECT_EQ(answer_to("r2", "x").body, "echo x");
}

TEST_F(RuntimeTest, AnErrorThatIsTooLargeAsWellEndsThere) {
  stub.set_responder([](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (call.request_id() != "r1") return std::nullopt;
    return ApiAnswer{413, {}, {}, ApiAnswer::Fault::None};
  });
  begin();
  stub.add_event("r1", "x");
  answer_to("r2", "x");
  EXPECT_EQ(stub.calls_to("/r1/error").size(), 1u);
}

TEST_F(RuntimeTest, ABrokenEnvironmentEndsTheProcess) {
  stub.set_responder(status_for("/r1/response", 500));
  begin();
  stub.add_event("r1", "x");
  EXPECT_EQ(join(), 1);
}

TEST_F(RuntimeTest, APollThatSaysTheEnvironmentIsBrokenEndsTheProcess) {
  begin();
  stub.add(ApiAnswer{500, {}, {}, ApiAnswer::Fault::None});
  EXPECT_EQ(join(), 1);
}

TEST_F(RuntimeTest, APostThatIsRefusedInPassingIsTriedOnceMore) {
  std::atomic<int> tries = 0;
  stub.set_responder([&tries](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (call.request_id() == "r2") return ApiAnswer{503, {}, {}, ApiAnswer::Fault::None};
    if (call.request_id() != "r1" || ++tries > 1) return std::nullopt;
    return ApiAnswer{429, {}, {}, ApiAnswer::Fault::None};
  });
  begin();
  answer_to("r1", "x");
  answer_to("r2", "x");
  answer_to("r3", "x");
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(stub.calls_to("/r1/response").size(), 2u);
  EXPECT_EQ(stub.calls_to("/r2/response").size(), 2u);
  EXPECT_EQ(log().find(R"("request_id":"r1")"), std::string::npos) << log();
  EXPECT_NE(log().find(R"("what":"reply","status":503)"), std::string::npos) << log();
}

TEST_F(RuntimeTest, APostWithoutAnAnswerIsTriedAgain) {
  std::atomic<int> tries = 0;
  stub.set_responder([&tries](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (!call.target.ends_with("/response") || ++tries > 1) return std::nullopt;
    return ApiAnswer{202, {}, {}, ApiAnswer::Fault::NoReply};
  });
  begin();
  answer_to("r1", "x");
  stub.wait_for("/r1/response", 2);
  answer_to("r2", "x");
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(log().find("could not be delivered"), std::string::npos) << log();
}

TEST_F(RuntimeTest, APostThatNeverGetsAnAnswerIsGivenUp) {
  stub.set_responder([](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (call.request_id() != "r1") return std::nullopt;
    return ApiAnswer{202, {}, {}, ApiAnswer::Fault::NoReply};
  });
  begin();
  stub.add_event("r1", "x");
  answer_to("r2", "x");
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find("could not be delivered"), std::string::npos) << log();
}

TEST_F(RuntimeTest, PollsThatFailAreRepeated) {
  begin();
  using Fault = ApiAnswer::Fault;
  for (const Fault fault : {Fault::NoReply, Fault::HalfReply, Fault::Garbage}) {
    ApiAnswer answer = event_answer("lost", "x");
    answer.fault = fault;
    stub.add(answer);
  }
  stub.add(ApiAnswer{403, {}, "{}", Fault::None});
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
  EXPECT_EQ(stub.calls_to("/lost/response").size(), 0u);
}

TEST_F(RuntimeTest, AnEventWithoutARequestIdIsLoggedAndTheNextServed) {
  begin();
  stub.add(ApiAnswer{200, {{"Lambda-Runtime-Deadline-Ms", "soon"}}, "{}", ApiAnswer::Fault::None});
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find("without a request id"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AnEventWithoutADeadlineIsServedAllTheSame) {
  begin();
  stub.add(ApiAnswer{200, {{"Lambda-Runtime-Aws-Request-Id", "r1"}}, "x", ApiAnswer::Fault::None});
  EXPECT_EQ(stub.wait_for("/r1/response", 1).front().body, "echo x");
}

TEST_F(RuntimeTest, ARequestIdCannotLeadThePathElsewhere) {
  begin();
  stub.add_event("../../init/error?", "x");
  const auto calls = stub.wait_for("/response", 1);
  EXPECT_EQ(calls.front().target,
            "/2018-06-01/runtime/invocation/%2E%2E%2F%2E%2E%2Finit%2Ferror%3F/response");
}

TEST_F(RuntimeTest, AnApiThatRefusesEveryPollEndsTheProcess) {
  stub.set_source([] { return ApiAnswer{403, {}, "{}", ApiAnswer::Fault::None}; });
  begin();
  EXPECT_EQ(join(), 1);
  EXPECT_NE(log().find("gives no events"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AnApiThatIsNotThereEndsTheProcess) {
  stub.stop();
  begin();
  EXPECT_EQ(join(), 1);
}

}  // namespace loopstate::lambda
