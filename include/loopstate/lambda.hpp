// A function on AWS Lambda: turns events into replies, one after another, in one process.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/task.hpp"

namespace loopstate::lambda {

/// One event and what Lambda says about it. A member that Lambda did not send is empty.
struct Invocation {
  std::string request_id;  ///< unchanged when Lambda itself retries an event
  std::string event;       ///< the bytes as received: usually JSON, but not guaranteed to be
  Deadline deadline;       ///< when the handler must be done: the end of the invocation less the reserve
  std::string function_arn;
  std::string trace_id;          ///< of AWS X-Ray: "Root=1-...;Parent=...;Sampled=1"
  std::string tenant_id;         ///< in tenant isolation mode
  std::string client_context;    ///< JSON, from a mobile SDK's call
  std::string cognito_identity;  ///< JSON, from a mobile SDK's call
  bool cold = false;             ///< the first event of this process
};

/// Returns the bytes of the reply, or an Error, which is logged and which the caller gets as the function's
/// error: `errorType` is the name of the code, `errorMessage` the message. An exception becomes such an error
/// too. Called on the thread that called `run`; with AWS_LAMBDA_MAX_CONCURRENCY above 1, also while earlier
/// calls are waiting for something.
///
/// A handler that is still running shortly after its deadline is cancelled (as Asio cancels a coroutine), its
/// caller gets an error, and the next event is served. A handler that blocks the thread cannot be
/// interrupted: Lambda's own time-out ends it, together with the process.
using Handler = std::function<Task<Result<std::string>>(Invocation)>;

/// Runs once, before the first event: reads the configuration, opens the store, warms up connections. Lambda
/// allows 10 s for the whole init phase. An Error is reported to Lambda as the init error and ends the
/// process.
using Start = std::function<Task<Result<Handler>>()>;

struct RuntimeOptions {
  Environment environment = process_environment();
  /// How long before Lambda's own time-out the handler's deadline falls, so that its reply can still be sent:
  /// 0 to 10,000 ms, and at most a quarter of the time that an invocation has left.
  std::chrono::milliseconds reserve{300};
  /// How much longer events in flight may take after SIGTERM: 0 to 10,000 ms. Lambda kills the process 500 ms
  /// after the signal, or 300 ms after it if an external extension runs.
  std::chrono::milliseconds shutdown_grace{250};
  /// Registers the internal extension without which Lambda sends no SIGTERM. Lambda waits for it in the init
  /// phase, so it is registered while `start` runs.
  bool register_extension = true;
  /// Receives each line of the log, without its newline; default: standard error. LOOPSTATE_LOG and
  /// LOOPSTATE_LOG_LEVEL apply as elsewhere, with JSON as the default format.
  std::function<void(std::string_view line)> log;
};

/// Serves events until SIGTERM, and returns the exit status of the process:
///
/// - 0 after SIGTERM;
/// - 1 if `start` failed, if Lambda's Runtime API is broken or gone (Lambda then starts a new process), or
///   if SnapStart is on, where copies of one process would draw the same random ids;
/// - 2 outside Lambda (AWS_LAMBDA_RUNTIME_API is missing or wrong) or if an option is out of range; a
///   sentence on standard error says which.
///
/// Nothing else ends it: not an Error or exception from the handler, a malformed event, or a reply
/// that could not be delivered. With AWS_LAMBDA_MAX_CONCURRENCY above 1 (Lambda Managed Instances), that many
/// events are served at once, at most 512, all on the calling thread. With one at a time, the trace id is
/// also in the environment, as `_X_AMZN_TRACE_ID`. Call it once per process: it owns SIGTERM while it runs.
///
/// Protocol: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01, and the Extensions
/// API, 2020-01-01.
int run(Start start, RuntimeOptions options = {});

}  // namespace loopstate::lambda
