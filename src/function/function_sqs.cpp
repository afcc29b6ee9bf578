// Batches from SQS: each record separately, and only what failed stays in the queue.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>

#include "agent/route.hpp"
#include "async/parallel.hpp"
#include "crypto/base64.hpp"
#include "function/function_work.hpp"

namespace loopstate::function {
namespace {

constexpr std::size_t kAtOnceMax = 8;

/// A batch being processed. If it was cancelled its records may still be at work.
struct Running {
  explicit Running(SqsBatch taken) : batch(std::move(taken)), done(batch.records.size()) {}

  SqsBatch batch;
  std::vector<std::atomic<bool>> done;
};
using RunningPtr = std::shared_ptr<Running>;

/// A record's contents, or why it can never be acted on.
using Content = std::variant<webhook::Delivery, BusMessage, std::string>;

std::optional<std::string_view> attribute(const SqsRecord& record, std::string_view name) {
  for (const auto& [other, value] : record.attributes) {
    if (other == name) return value;
  }
  return std::nullopt;
}

/// The moment by which signatures are judged. SQS itself sets SentTimestamp, so nobody can choose it; and it
/// is before now, whatever two clocks think of each other.
std::int64_t received_at_ms(const SqsRecord& record, std::int64_t now_ms) {
  return std::min(record.sent_at_ms.value_or(now_ms), now_ms);
}

Content read_envelope_in(const SqsRecord& record, const std::vector<std::string>& event_queues) {
  auto envelope = read_envelope(record.body);
  if (auto* bus = std::get_if<BusMessage>(&envelope)) {
    if (std::ranges::find(event_queues, record.queue_arn) != event_queues.end()) return std::move(*bus);
    return "it is an EventBridge event, which is not signed, in a queue that LOOPSTATE_EVENT_QUEUES does not "
           "name";
  }
  if (auto* unsupported = std::get_if<Unsupported>(&envelope)) return std::move(unsupported->what);
  if (auto* malformed = std::get_if<Malformed>(&envelope)) return std::move(malformed->what);
  auto* request = std::get_if<HttpRequest>(&envelope);
  if (request == nullptr) return "a batch within a message is not accepted";
  const auto target = agent::route(request->method, request->path);
  if (target.endpoint != agent::Endpoint::Webhook || !target.method_allowed) {
    return "the request in the message is not a POST to .../webhooks/{square,stripe,fidel}";
  }
  webhook::Delivery delivery;
  delivery.provider = *target.provider;
  delivery.headers = std::move(request->headers);
  delivery.body = std::move(request->body);
  return delivery;
}

/// The webhook's body is the message's, and its headers are message attributes.
Content read_relayed(const SqsRecord& record, std::optional<webhook::Provider> provider) {
  if (!provider) return "the message's attribute provider or path names no provider";
  webhook::Delivery delivery;
  delivery.provider = *provider;
  for (const auto& [name, value] : record.attributes) delivery.headers.add(name, value);
  if (attribute(record, "isBase64Encoded") != "true") {
    delivery.body = record.body;
    return delivery;
  }
  auto bytes = crypto::base64_decode(record.body);
  if (!bytes) return "the message's body is not base64 although its attribute isBase64Encoded says so";
  delivery.body = std::move(*bytes);
  return delivery;
}

Content read_content(const SqsRecord& record, const std::vector<std::string>& event_queues) {
  if (!record.problem.empty()) return record.problem;
  if (const auto provider = attribute(record, "provider")) {
    return read_relayed(record, webhook::provider_from(*provider));
  }
  if (const auto path = attribute(record, "path")) {
    return read_relayed(record, agent::route("POST", *path).provider);
  }
  return read_envelope_in(record, event_queues);
}

Task<void> handle_record(WorkPtr work, RunningPtr running, std::size_t index) {
  const auto& record = running->batch.records[index];
  // If begun without time left, it would only be cut off.
  if (work->agent->recorder().pacer().now() >= work->deadline) co_return;
  auto about = work->about();
  about.put("message_id", record.message_id);
  auto content = read_content(record, work->event_queues);
  if (const auto* reason = std::get_if<std::string>(&content)) {
    {
      const std::lock_guard lock(work->mutex);
      ++work->tally.bad_requests;
    }
    work->log.error("a message can never be acted on; the queue will set it aside",
                    log::Fields().add("message_id", record.message_id).add("reason", *reason));
    co_return;
  }
  agent::Answer answer;
  if (auto* delivery = std::get_if<webhook::Delivery>(&content)) {
    delivery->received_at_ms = received_at_ms(record, work->arrived_ms);
    answer = co_await work->agent->handle(std::move(*delivery), work->request_id, work->deadline,
                                          std::move(about));
  } else {
    auto& event = std::get<BusMessage>(content);
    answer = co_await work->agent->handle_event(std::move(event.json), work->request_id, work->deadline,
                                                std::move(about));
  }
  work->count(answer);
  running->done[index] = answer.status < 300;
}

/// Nothing after a failure, or it would overtake what is delivered again.
Task<void> run_in_order(WorkPtr work, RunningPtr running) {
  for (std::size_t i = 0; i < running->done.size(); ++i) {
    co_await handle_record(work, running, i);
    if (!running->done[i]) co_return;
  }
}

}  // namespace

Task<Result<std::string>> serve_batch(WorkPtr work, SqsBatch batch) {
  auto running = std::make_shared<Running>(std::move(batch));
  const auto count = running->done.size();
  if (running->batch.fifo) {
    co_await run_in_order(work, running);
  } else {
    std::function<Task<void>(std::size_t)> one = [work, running](std::size_t index) {
      return handle_record(work, running, index);
    };
    co_await async::in_parallel(count, kAtOnceMax, std::move(one));
  }

  std::vector<std::string> failed;
  bool nameless = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (running->done[i]) continue;
    const auto& id = running->batch.records[i].message_id;
    nameless = nameless || id.empty();
    failed.push_back(id);
  }
  {
    const std::lock_guard lock(work->mutex);
    work->tally.records += count;
    work->tally.records_failed += failed.size();
  }
  constexpr std::string_view kWholeBatch =
      "a message that failed has no id, so the whole batch must be repeated";
  if (!failed.empty()) {
    auto fields = log::Fields().add("failed", failed.size()).add("records", count);
    if (nameless) fields.put("reason", kWholeBatch);
    work->log.warn("messages stay in the queue", fields);
  }
  if (nameless) co_return fail(ErrorCode::Unavailable, std::string(kWholeBatch), true);
  co_return write_failures(failed);
}

}  // namespace loopstate::function
