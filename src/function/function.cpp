#include "function/function.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <cstdio>

#include "base/try.hpp"
#include "base/wall_clock.hpp"
#include "function/function_work.hpp"

namespace loopstate::function {
namespace {

/// In one write, so that lines from two threads do not mix.
void write_to_stdout(std::string_view line) {
  const auto text = std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

/// For callers that wait for no reply: a failure makes Lambda retry, and is what it keeps in the end.
Result<std::string> verdict(int status, std::string body, std::string_view outcome) {
  if (status < 300) return body;
  auto message = fmt::format("the event was not acted on: {}; the log has a line that says why", outcome);
  if (status == 503) return fail(ErrorCode::Unavailable, std::move(message), true);
  return fail(status == 500 ? ErrorCode::Internal : ErrorCode::InvalidArgument, std::move(message));
}

Task<Result<std::string>> handle_http(WorkPtr work, HttpRequest request) {
  const auto caller = request.caller;
  auto reply = co_await serve(work, std::move(request));
  reply.headers.emplace_back("X-Request-Id", work->request_id);
  auto written = write_reply(caller, reply);
  if (caller != Caller::Direct) co_return written;
  co_return verdict(reply.status, std::move(written), fmt::format("status {}", reply.status));
}

Task<Result<std::string>> handle_bus(WorkPtr work, std::string event) {
  auto answer =
      co_await work->agent->handle_event(std::move(event), work->request_id, work->deadline, work->about());
  work->count(answer);
  co_return verdict(answer.status, std::move(answer.body), agent::to_string(answer.outcome));
}

/// The log line about a refused event says what its caller is told.
log::Fields reason(ErrorCode code, std::string_view what) {
  return log::Fields().add("error", code).add("reason", what);
}

Result<std::string> refuse(const WorkPtr& work, const Malformed& malformed) {
  ++work->tally.bad_requests;
  work->log.warn("malformed event", reason(ErrorCode::InvalidArgument, malformed.what));
  if (!malformed.caller || *malformed.caller == Caller::Direct) {
    return fail(ErrorCode::InvalidArgument, malformed.what);
  }
  auto reply = error_reply(400, "malformed event");
  reply.headers.emplace_back("X-Request-Id", work->request_id);
  return write_reply(*malformed.caller, reply);
}

Result<std::string> refuse(const WorkPtr& work, const Unsupported& unsupported) {
  ++work->tally.bad_requests;
  work->log.warn("unsupported event", reason(ErrorCode::Unsupported, unsupported.what));
  return fail(ErrorCode::Unsupported, unsupported.what);
}

Task<Result<std::string>> dispatch(WorkPtr work, std::string event) {
  auto envelope = read_envelope(event);
  Result<std::string> reply;
  if (auto* request = std::get_if<HttpRequest>(&envelope)) {
    reply = co_await handle_http(work, std::move(*request));
  } else if (auto* batch = std::get_if<SqsBatch>(&envelope)) {
    reply = co_await serve_batch(work, std::move(*batch));
  } else if (auto* bus = std::get_if<BusMessage>(&envelope)) {
    reply = co_await handle_bus(work, std::move(bus->json));
  } else if (const auto* unsupported = std::get_if<Unsupported>(&envelope)) {
    reply = refuse(work, *unsupported);
  } else {
    reply = refuse(work, std::get<Malformed>(envelope));
  }
  co_return reply;
}

}  // namespace

namespace {

Result<std::vector<std::string>> read_event_queues(std::string_view list) {
  std::vector<std::string> queues;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto arn = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!arn.starts_with("arn:") || !arn.contains(":sqs:")) {
      return fail(ErrorCode::InvalidArgument,
                  "LOOPSTATE_EVENT_QUEUES holds something that is not the ARN of an SQS queue");
    }
    queues.emplace_back(arn);
  }
  return queues;
}

}  // namespace

Result<FunctionOptions> FunctionOptions::from_environment(const Environment& environment) {
  FunctionOptions options;
  if (auto name = environment("AWS_LAMBDA_FUNCTION_NAME"); name && !name->empty())
    options.name = std::move(*name);
  const auto metrics = environment("LOOPSTATE_METRICS").value_or("on");
  if (metrics != "on" && metrics != "off" && !metrics.empty()) {
    return fail(ErrorCode::InvalidArgument, "LOOPSTATE_METRICS is neither on nor off");
  }
  if (metrics != "off") options.metrics = write_to_stdout;
  TRY(auto queues, read_event_queues(environment("LOOPSTATE_EVENT_QUEUES").value_or("")));
  options.event_queues = std::move(queues);
  return options;
}

log::Fields Work::about() const {
  log::Fields fields;
  if (!trace_id.empty()) fields.put("trace_id", trace_id);
  return fields;
}

void Work::count(const agent::Answer& answer) {
  const std::lock_guard lock(mutex);
  tally.count(answer);
}

Function::Function(agent::Agent& agent, FunctionOptions options, log::Logger log)
    : agent_(agent), options_(std::move(options)), log_(std::move(log)) {
  if (!options_.wall_ms) options_.wall_ms = wall_clock_ms;
}

Task<Result<std::string>> Function::handle(lambda::Invocation invocation) {
  auto& recorder = agent_.recorder();
  const auto started = recorder.pacer().now();
  const auto requests_before = recorder.store().requests_sent();
  const auto conflicts_before = recorder.store().conflicts();

  auto work = std::make_shared<Work>();
  work->agent = &agent_;
  work->request_id = std::move(invocation.request_id);
  work->trace_id = std::move(invocation.trace_id);
  work->deadline = invocation.deadline;
  work->arrived_ms = options_.wall_ms();
  work->event_queues = options_.event_queues;
  auto fields = log::Fields().add("request_id", work->request_id);
  fields.append(work->about());
  work->log = log_.with(fields);

  auto reply = co_await dispatch(work, std::move(invocation.event));

  if (options_.metrics) {
    const std::lock_guard lock(work->mutex);
    auto& tally = work->tally;
    tally.cold = invocation.cold;
    tally.store_requests = recorder.store().requests_sent() - requests_before;
    tally.conflicts = recorder.store().conflicts() - conflicts_before;
    tally.latency = std::chrono::duration_cast<std::chrono::microseconds>(recorder.pacer().now() - started);
    options_.metrics(write_metrics(tally, options_.name, work->request_id, work->arrived_ms));
  }
  co_return reply;
}

}  // namespace loopstate::function
