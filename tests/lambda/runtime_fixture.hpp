// A runtime on its own thread, in front of the Runtime API's stand-in.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <thread>

#include "lambda/runtime.hpp"
#include "lambda/runtime_api_stub.hpp"
#include "lambda/test_handler.hpp"

namespace loopstate::lambda {

class RuntimeTest : public testing::Test {
 protected:
  ~RuntimeTest() override {
    if (thread.joinable()) stop();
  }

  /// As run() would do it.
  void begin(Start start) {
    options.environment = [this](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_LAMBDA_RUNTIME_API") return stub.address();
      const auto at = environment.find(std::string(name));
      return at == environment.end() ? std::nullopt : std::optional(at->second);
    };
    options.log = [this](std::string_view line) {
      const std::lock_guard lock(log_mutex);
      lines += line;
      lines += '\n';
    };
    auto config = RuntimeConfig::read(options);
    ASSERT_TRUE(config) << config.error().message;
    config->errors_logged_by = errors_logged_by;
    runtime.emplace(std::move(*config));
    thread =
        std::thread([this, start = std::move(start)]() mutable { status = runtime->run(std::move(start)); });
  }

  void begin() {
    begin([this]() -> Task<Result<Handler>> { return start_with(state); });
  }

  static Task<Result<Handler>> start_with(std::shared_ptr<TestHandlerState> state) {
    co_return [state](Invocation invocation) { return behave(std::move(invocation), state); };
  }

  int stop() {
    runtime->stop();
    return join();
  }

  int join() {
    thread.join();
    runtime.reset();
    return status;
  }

  /// The answer to one event.
  ApiCall answer_to(std::string request_id, std::string event) {
    const auto before = stub.calls_to("/" + request_id + "/response").size();
    stub.add_event(request_id, std::move(event));
    return stub.wait_for("/" + request_id + "/response", before + 1).back();
  }

  std::string log() {
    const std::lock_guard lock(log_mutex);
    return lines;
  }

  RuntimeOptions options;
  ErrorsLoggedBy errors_logged_by = ErrorsLoggedBy::Loop;
  std::map<std::string, std::string> environment;
  std::shared_ptr<TestHandlerState> state = std::make_shared<TestHandlerState>();
  std::mutex log_mutex;
  std::string lines;
  RuntimeApiStub stub;
  std::optional<Runtime> runtime;
  std::thread thread;
  int status = -1;
};

/// Answers `status` to what matches, and the default to the rest.
inline std::function<std::optional<ApiAnswer>(const ApiCall&)> status_for(std::string target_end,
                                                                          int status) {
  return [target_end, status](const ApiCall& call) -> std::optional<ApiAnswer> {
    if (!call.target.ends_with(target_end)) return std::nullopt;
    ApiAnswer answer;
    answer.status = status;
    answer.body = R"({"errorType":"Refused"})";
    return answer;
  };
}

}  // namespace loopstate::lambda
