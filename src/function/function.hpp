// The agent as a Lambda function: an event in, the caller's reply out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.hpp"
#include "log/log.hpp"
#include "loopstate/error.hpp"
#include "loopstate/lambda.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/task.hpp"

namespace loopstate::function {

struct FunctionOptions {
  /// AWS_LAMBDA_FUNCTION_NAME: the dimension of the metrics.
  std::string name = "loopstate";
  /// Receives one line of metrics for each invocation, without a newline. Empty: none are made. Called by
  /// whichever thread ends an invocation.
  std::function<void(std::string_view line)> metrics;
  /// ARNs of queues into which only EventBridge and Lambda may put messages. An event from EventBridge has no
  /// signature, so one in any other queue is never acted on: anyone who may send there could have made it up.
  std::vector<std::string> event_queues;
  /// Unix milliseconds: when a delivery arrived.
  std::function<std::int64_t()> wall_ms;

  /// LOOPSTATE_METRICS (`on`, the default, or `off`), AWS_LAMBDA_FUNCTION_NAME and LOOPSTATE_EVENT_QUEUES
  /// (ARNs, separated by commas); metrics go to standard output. InvalidArgument: LOOPSTATE_METRICS has
  /// another value, or LOOPSTATE_EVENT_QUEUES contains something that is not the ARN of a queue.
  static Result<FunctionOptions> from_environment(const Environment& environment);
};

/// May be called from several threads; outlives its calls.
class Function {
 public:
  /// `agent` outlives this.
  Function(agent::Agent& agent, FunctionOptions options, log::Logger log);

  /// The reply for the caller, as JSON. An HTTP caller always gets one, with a status that says what went
  /// wrong; so does SQS, naming the records to be delivered again. An error is for callers that wait for no
  /// reply (EventBridge, direct and asynchronous invocations): Lambda then invokes again, and in the end
  /// hands the event to the function's failure destination. Codes: Unavailable (retryable), Internal,
  /// InvalidArgument and Unsupported (which repeating does not fix). Its message quotes nothing of the event.
  Task<Result<std::string>> handle(lambda::Invocation invocation);

 private:
  agent::Agent& agent_;
  FunctionOptions options_;
  log::Logger log_;
};

}  // namespace loopstate::function
