// A function on AWS Lambda: from an event to its reply, again and again in one process.
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

/// One event, and what Lambda says with it. A text that Lambda did not send is empty.
struct Invocation {
  std::string request_id;  ///< the same when Lambda itself tries an event again
  std::string event;       ///< the bytes as they came: mostly JSON, but nobody promises it
  Deadline deadline;       ///< when the handler has to be done: the invocation's own end, less the reserve
  std::string function_arn;
  std::string trace_id;          ///< of AWS X-Ray: "Root=1-...;Parent=...;Sampled=1"
  std::string tenant_id;         ///< in tenant isolation mode
  std::string client_context;    ///< JSON, from a mobile SDK's call
  std::string cognito_identity;  ///< JSON, likewise
  bool cold = false;             ///< the first event of this process
};

/// Answers the reply's bytes, or an Error, which the caller gets as the function's error: `errorType` is the
/// code's name, `errorMessage` the message, and which is logged. What it throws becomes one as well. Called
/// on the thread that called `run`; where AWS_LAMBDA_MAX_CONCURRENCY is above 1, again while earlier calls
/// wait for something.
///
/// A handler that is still busy shortly after its deadline is cancelled (as Asio cancels a coroutine), its
/// caller gets an error, and the next event is served. One that blocks the thread cannot be interrupted: it
/// is Lambda's own time-out that ends it, together with the process.
using Handler = std::function<Task<Result<std::string>>(Invocation)>;

/// Runs once, before the first event: reads configuration, opens the store, warms connections. Lambda gives
/// the whole init phase 10 s. An Error is reported to Lambda as the init error, and ends the process.
using Start = std::function<Task<Result<Handler>>()>;

struct RuntimeOptions {
  Environment environment = process_environment();
  /// How long before Lambda's own time-out the handler's deadline lies, so that its reply can still be sent;
  /// 0 to 10,000 ms. Of an invocation that has little time left, at most a quarter.
  std::chrono::milliseconds reserve{300};
  /// After SIGTERM: what events in flight may still take; 0 to 10,000 ms. Lambda kills the process 500 ms
  /// after the signal where no external extension runs, else after 300 ms.
  std::chrono::milliseconds shutdown_grace{250};
  /// Registers the internal extension without which Lambda sends no SIGTERM. Lambda waits for it in the init
  /// phase, so it runs beside `start`.
  bool register_extension = true;
  /// Takes each line of the log, without a line feed; default: standard error. LOOPSTATE_LOG and
  /// LOOPSTATE_LOG_LEVEL are as elsewhere, JSON where not set.
  std::function<void(std::string_view line)> log;
};

/// Serves events until SIGTERM, and answers the exit status: 0 after SIGTERM; 1 where `start` failed or
/// Lambda's Runtime API is broken or gone, so that Lambda makes a new process, or SnapStart is on, whose
/// copies of one process would draw the same random ids; 2 where this is no Lambda environment
/// (AWS_LAMBDA_RUNTIME_API is missing or wrong) or an option is out of range, which a sentence on standard
/// error says.
///
/// Nothing else ends it: not an Error or exception of the handler, not an event that makes no sense, nor a
/// reply that could not be delivered. With AWS_LAMBDA_MAX_CONCURRENCY above 1 (Lambda Managed Instances),
/// that many events are served at once, at most 512, all on the calling thread. With one at a time the trace
/// id is also in the environment, as
/// `_X_AMZN_TRACE_ID`. Call it once in a process: it owns SIGTERM meanwhile.
///
/// Protocol: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01, and the Extensions
/// API, 2020-01-01.
int run(Start start, RuntimeOptions options = {});

}  // namespace loopstate::lambda
