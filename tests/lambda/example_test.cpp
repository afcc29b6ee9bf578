// examples/lambda_memory, as Lambda would run it.
#include <gtest/gtest.h>

#include <csignal>

#include "lambda/child_process.hpp"
#include "lambda/runtime_api_stub.hpp"

namespace loopstate::lambda {

namespace {

class LambdaMemory : public testing::Test {
 protected:
  /// The answer of a separate process: a reply, or an error's body.
  std::string invoke(const std::string& event) {
    RuntimeApiStub stub;
    ChildProcess child(built_program("lambda_memory"),
                       {{"AWS_LAMBDA_RUNTIME_API", stub.address()}, {"LOOPSTATE_URL", url}},
                       folder.file("log"));
    stub.add_event("8476a536-e9f4-11e8-9739-2dfe598c3fc" + std::to_string(request), event);
    // Whether it is a reply or an error, the next poll comes after it.
    stub.wait_for("/invocation/next", 2);
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait(), 0) << text_of_file(folder.file("log"));
    for (const ApiCall& call : stub.calls()) {
      if (!call.request_id().empty() && !call.is_next()) return call.body;
    }
    return "no answer";
  }

  int request = 0;
  TemporaryFolder folder;
  std::string url = "embedded:" + folder.file("state.db");
};

}  // namespace

TEST_F(LambdaMemory, WhatOneProcessLearnsTheNextOneKnows) {
  EXPECT_EQ(invoke(R"({"user":"shopper-1"})"), "{}");
  EXPECT_EQ(invoke(R"({"user":"shopper-1","key":"drink","value":"flat white"})"),
            R"({"drink":"flat white"})");
  ++request;
  EXPECT_EQ(invoke(R"({"user":"shopper-1","key":"cups","value":{"today":2}})"),
            R"({"cups":{"today":2},"drink":"flat white"})");
  EXPECT_EQ(invoke(R"({"user":"shopper-2"})"), "{}");
}

TEST_F(LambdaMemory, AnEventThatLambdaDeliversAgainAnswersTheSameAndDoesNotUndoALaterOne) {
  invoke(R"({"user":"shopper-1","key":"drink","value":"flat white"})");
  ++request;
  invoke(R"({"user":"shopper-1","key":"drink","value":"tea"})");
  --request;
  EXPECT_EQ(invoke(R"({"user":"shopper-1","key":"drink","value":"flat white"})"),
            R"({"drink":"flat white"})");
  EXPECT_EQ(invoke(R"({"user":"shopper-1"})"), R"({"drink":"tea"})");
}

TEST_F(LambdaMemory, AnEventThatMakesNoSenseIsAnErrorForItsCaller) {
  EXPECT_EQ(
      invoke("what?"),
      R"({"errorMessage":"the event is not a JSON object","errorType":"InvalidArgument","stackTrace":[]})");
  EXPECT_NE(invoke(R"({"user":""})").find("InvalidArgument"), std::string::npos);
}

}  // namespace loopstate::lambda
