// A function over an agent over the reference model, with time standing still.
#pragma once

#include "agent/agent_fixture.hpp"
#include "function/events.hpp"
#include "function/function.hpp"
#include "json/view.hpp"

namespace loopstate::function {

using namespace agent;  // NOLINT(google-build-using-namespace): the agent's fixture

class FunctionTest : public AgentTest {
 protected:
  static lambda::Invocation invocation(std::string event) {
    lambda::Invocation made;
    made.request_id = "req-1";
    made.trace_id = "Root=1-67ab0000-0123456789abcdef01234567";
    made.event = std::move(event);
    made.deadline = Deadline::max();
    return made;
  }

  Result<std::string> invoke(std::string event) { return invoke(invocation(std::move(event))); }
  Result<std::string> invoke(lambda::Invocation made) { return runner.run(function.handle(std::move(made))); }

  /// The reply's text; an error's code if there is none.
  std::string reply(std::string event) {
    auto answered = invoke(std::move(event));
    return answered ? std::move(*answered) : "error " + std::string(to_string(answered.error().code));
  }

  /// The reply's status; 0 if it has none.
  std::uint64_t status(const std::string& reply_text) {
    if (reply_text.starts_with("error")) return 0;
    const auto code = json::View(reply_text).find("statusCode");
    return code ? code->unsigned_integer().value_or(0) : 0;
  }

  std::size_t captures_of(std::string_view user) { return snapshot(user).captures.size(); }

  FunctionOptions function_options() {
    FunctionOptions made;
    made.name = "hooks";
    made.event_queues = {"arn:aws:sqs:eu-central-1:123456789012:events"};
    made.metrics = [this](std::string_view line) {
      const std::lock_guard lock(log_mutex);
      metrics.emplace_back(line);
    };
    made.wall_ms = [] { return unix_seconds(kNow) * 1000; };
    return made;
  }

  log::Logger logger() {
    return log::Logger::to_sink({log::Format::Json, log::Level::Info},
                                [this](log::Level, std::string_view line) {
                                  const std::lock_guard lock(log_mutex);
                                  lines.emplace_back(line);
                                });
  }

  std::vector<std::string> metrics;
  Function function{*agent, function_options(), logger()};
};

}  // namespace loopstate::function
