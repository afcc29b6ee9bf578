// The loop's beginning and end, its extension, several events at once, and handlers that do not end.
#include <future>

#include "lambda/runtime_fixture.hpp"

namespace loopstate::lambda {

using std::chrono::milliseconds;

namespace {

Task<Result<Handler>> refuse_to_start() {
  co_return fail(ErrorCode::NoCredentials, "no credentials were found");
}

Task<Result<Handler>> throw_at_start() {
  throw std::runtime_error("no such file");
  co_return Handler();
}

Task<Result<Handler>> answer_no_handler() {
  co_return Handler();
}

Task<Result<Handler>> start_after(const RuntimeApiStub* stub, std::string_view target_end, Handler handler) {
  while (stub->calls_to(target_end).empty()) co_await pause(milliseconds(1));
  co_return handler;
}

Task<Result<Handler>> never_start() {
  co_await pause(std::chrono::hours(1));
  co_return Handler();
}

Task<Result<std::string>> echo(Invocation invocation) {
  co_return invocation.event;
}

}  // namespace

TEST_F(RuntimeTest, AnErrorAtTheStartIsReportedAndEndsTheProcess) {
  begin(refuse_to_start);
  EXPECT_EQ(join(), 1);
  const auto calls = stub.calls_to("/2018-06-01/runtime/init/error");
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls.front().body,
            R"({"errorMessage":"no credentials were found","errorType":"NoCredentials","stackTrace":[]})");
  EXPECT_EQ(calls.front().header("Lambda-Runtime-Function-Error-Type"), "Function.NoCredentials");
  EXPECT_EQ(stub.calls_to("/next").size(), stub.calls_to("/extension/event/next").size());
}

TEST_F(RuntimeTest, AnExceptionAtTheStartIsOneAsWell) {
  begin(throw_at_start);
  EXPECT_EQ(join(), 1);
  EXPECT_NE(stub.wait_for("/init/error", 1).front().body.find("no such file"), std::string::npos);
}

TEST_F(RuntimeTest, AStartWithoutAHandlerIsAnErrorAndNoCrash) {
  begin(answer_no_handler);
  EXPECT_EQ(join(), 1);
  EXPECT_EQ(stub.calls_to("/init/error").size(), 1u);
}

TEST_F(RuntimeTest, ASnapshotOfTheProcessIsRefused) {
  environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "snap-start";
  begin();
  EXPECT_EQ(join(), 1);
  EXPECT_NE(stub.wait_for("/init/error", 1).front().body.find("SnapStart"), std::string::npos);
  EXPECT_TRUE(stub.calls_to("/invocation/next").empty());
}

TEST_F(RuntimeTest, OtherWaysToBeInitialisedAreServed) {
  environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "provisioned-concurrency";
  begin();
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
}

TEST_F(RuntimeTest, AnInitErrorThatNobodyTakesEndsTheProcessToo) {
  stub.set_responder(status_for("/init/error", 403));
  begin(refuse_to_start);
  EXPECT_EQ(join(), 1);
}

TEST_F(RuntimeTest, TheInternalExtensionRegistersAndWaits) {
  begin();
  const auto registered = stub.wait_for("/2020-01-01/extension/register", 1).front();
  EXPECT_EQ(registered.method, "POST");
  EXPECT_EQ(registered.header("Lambda-Extension-Name"), "loopstate-shutdown");
  EXPECT_EQ(registered.body, R"({"events":[]})");
  const auto waits = stub.wait_for("/2020-01-01/extension/event/next", 1).front();
  EXPECT_EQ(waits.header("Lambda-Extension-Identifier"), "extension-1");
  answer_to("r1", "x");
  EXPECT_EQ(stub.calls_to("/extension/event/next").size(), 1u);
}

TEST_F(RuntimeTest, TheExtensionRegistersWhileTheFunctionStarts) {
  begin([this] { return start_after(&stub, "/extension/register", Handler(echo)); });
  EXPECT_EQ(answer_to("r1", "x").body, "x");
}

TEST_F(RuntimeTest, TheFirstEventIsAskedForOnceTheExtensionIsRegistered) {
  std::promise<std::size_t> polls;
  stub.set_responder([this, &polls](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (!call.target.ends_with("/extension/register")) return std::nullopt;
    // Long enough to expose a runtime that does not wait.
    std::this_thread::sleep_for(milliseconds(30));
    polls.set_value(stub.calls_to("/invocation/next").size());
    return std::nullopt;
  });
  begin();
  answer_to("r1", "x");
  EXPECT_EQ(polls.get_future().get(), 0u);
}

TEST_F(RuntimeTest, WithoutTheExtensionApiEventsAreServed) {
  stub.set_responder(status_for("/extension/register", 404));
  begin();
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
  EXPECT_EQ(stop(), 0);
  EXPECT_NE(log().find("no SIGTERM"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AnExtensionApiThatHangsUpHoldsNothingUp) {
  stub.set_responder([](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (!call.target.ends_with("/extension/register")) return std::nullopt;
    return ApiAnswer{200, {}, {}, ApiAnswer::Fault::NoReply};
  });
  begin();
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
}

TEST_F(RuntimeTest, AnExtensionThatMayNotWaitTriesAFewTimesOnly) {
  stub.set_responder(status_for("/extension/event/next", 500));
  begin();
  stub.wait_for("/extension/event/next", 5);
  EXPECT_EQ(answer_to("r1", "x").body, "echo x");
}

TEST_F(RuntimeTest, AStopWhileWaitingEndsAtOnce) {
  begin();
  ASSERT_TRUE(stub.wait_until_waiting(1));
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(log().find("in flight"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AStopWhileStartingEndsAtOnce) {
  begin(never_start);
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(stub.calls_to("/init/error").size(), 0u);
}

TEST_F(RuntimeTest, AStopLetsTheEventInFlightFinish) {
  options.shutdown_grace = milliseconds(10'000);
  begin();
  stub.add_event("r1", "wait:50");
  state->waiting.wait(0);
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(stub.calls_to("/r1/response").size(), 1u);
  EXPECT_EQ(stub.calls_to("/invocation/next").size(), 1u);
}

TEST_F(RuntimeTest, AStopDoesNotWaitLongerThanItsGrace) {
  options.shutdown_grace = milliseconds(20);
  begin();
  stub.add_event("r1", "wait:3600000");
  state->waiting.wait(0);
  EXPECT_EQ(stop(), 0);
  EXPECT_EQ(stub.calls_to("/r1/response").size(), 0u);
  EXPECT_NE(log().find(R"("events":1)"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AsManyEventsAreServedAtOnceAsLambdaAllows) {
  environment["AWS_LAMBDA_MAX_CONCURRENCY"] = "8";
  begin();
  ASSERT_TRUE(stub.wait_until_waiting(8));
  for (int event = 0; event < 8; ++event) stub.add_event("r" + std::to_string(event), "together:8");
  for (const auto& call : stub.wait_for("/response", 8)) EXPECT_EQ(call.body, "were together");
  EXPECT_TRUE(stub.wait_until_waiting(8));
  EXPECT_EQ(stop(), 0);
}

TEST_F(RuntimeTest, AHandlerThatIsBusyAfterItsDeadlineIsCancelledAndItsCallerTold) {
  begin();
  stub.add(event_answer("r1", "wait:3600000", milliseconds(60)));
  const auto call = stub.wait_for("/r1/error", 1).front();
  EXPECT_NE(call.body.find(R"("errorType":"DeadlineExceeded")"), std::string::npos) << call.body;
  EXPECT_EQ(answer_to("r2", "x").body, "echo x");
}

TEST_F(RuntimeTest, AHandlerThatIgnoresItsCancellationHoldsNothingUp) {
  begin();
  stub.add(event_answer("r1", "deaf", milliseconds(60)));
  EXPECT_NE(stub.wait_for("/r1/error", 1).front().body.find("DeadlineExceeded"), std::string::npos);
  EXPECT_EQ(answer_to("r2", "x").body, "echo x");
  EXPECT_EQ(stop(), 0);
}

TEST_F(RuntimeTest, HandlersThatEndWhenTheyAreCancelledAreForgotten) {
  begin();
  for (int event = 0; event < 12; ++event) {
    stub.add(event_answer("r1", "wait:3600000", milliseconds(-1000)));
  }
  EXPECT_EQ(answer_to("r2", "x").body, "echo x");
  EXPECT_EQ(stub.calls_to("/r1/error").size(), 12u);
}

TEST_F(RuntimeTest, TooManyHandlersThatDoNotEndEndTheProcess) {
  begin();
  for (int event = 0; event < 9; ++event) stub.add(event_answer("r1", "deaf", milliseconds(10)));
  EXPECT_EQ(join(), 1);
  EXPECT_NE(log().find("too many handlers"), std::string::npos) << log();
}

TEST_F(RuntimeTest, AnEventThatComesAfterItsTimeIsAnswered) {
  begin();
  stub.add(event_answer("r1", "wait:3600000", milliseconds(-5000)));
  EXPECT_NE(stub.wait_for("/r1/error", 1).front().body.find("DeadlineExceeded"), std::string::npos);
  EXPECT_EQ(answer_to("r2", "x").body, "echo x");
}

}  // namespace loopstate::lambda
