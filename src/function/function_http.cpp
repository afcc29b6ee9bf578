// Requests: what is served at which path, and to whom.

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "agent/route.hpp"
#include "function/function_work.hpp"
#include "json/writer.hpp"

namespace loopstate::function {
namespace {

constexpr std::chrono::milliseconds kHealthTimeout{1'000};
constexpr std::string_view kHealthChecker = "ELB-HealthChecker/";

/// Answered without asking the store: if a balancer took a function out because of the store, it would answer
/// in the function's place, and without a Retry-After.
bool is_balancers_check(const HttpRequest& request) {
  if (request.caller != Caller::AlbSingle && request.caller != Caller::AlbMulti) return false;
  const auto agent = request.headers.find("user-agent");
  return request.method == "GET" && agent && agent->starts_with(kHealthChecker);
}

HttpReply health_reply(const Result<void>& well) {
  json::Writer json;
  json.begin_object().key("status").string(well ? "ok" : "unavailable");
  if (!well) json.key("error").string(to_string(well.error().code));
  json.end_object();
  HttpReply reply;
  reply.status = well ? 200 : 503;
  reply.body = std::move(json).take();
  return reply;
}

Task<HttpReply> ask_health(WorkPtr work) {
  const auto deadline = std::min(work->deadline, std::chrono::steady_clock::now() + kHealthTimeout);
  auto well = co_await work->agent->check_store(deadline);
  if (!well) {
    work->log.warn("the store does not answer",
                   log::Fields().add("error", well.error().code).add("error_message", well.error().message));
  }
  co_return health_reply(well);
}

/// One line says what was requested, without anything that the caller wrote.
HttpReply not_served(const WorkPtr& work, Caller caller, int status, std::string_view reason) {
  {
    const std::lock_guard lock(work->mutex);
    ++work->tally.bad_requests;
  }
  work->log.warn("request not served",
                 log::Fields().add("caller", to_string(caller)).add("status", status).add("reason", reason));
  return error_reply(status, status == 404 ? "not found" : "method not allowed");
}

}  // namespace

Task<HttpReply> serve(WorkPtr work, HttpRequest request) {
  if (is_balancers_check(request)) co_return health_reply({});
  const auto target = agent::route(request.method, request.path);
  // Metrics of one process among many would say little, and would be public.
  if (target.endpoint == agent::Endpoint::None || target.endpoint == agent::Endpoint::Metrics) {
    co_return not_served(
        work, request.caller, 404,
        "nothing is served at this path; there are .../webhooks/{square,stripe,fidel} and .../healthz");
  }
  if (!target.method_allowed) {
    auto reply = not_served(work, request.caller, 405, "this path needs another method");
    reply.headers.emplace_back("Allow", target.allow);
    co_return reply;
  }
  if (target.endpoint == agent::Endpoint::Health) co_return co_await ask_health(work);

  webhook::Delivery delivery;
  delivery.provider = *target.provider;
  delivery.headers = std::move(request.headers);
  delivery.body = std::move(request.body);
  delivery.received_at_ms = work->arrived_ms;
  auto about = work->about();
  auto answer =
      co_await work->agent->handle(std::move(delivery), work->request_id, work->deadline, std::move(about));
  work->count(answer);
  co_return reply_of(answer);
}

}  // namespace loopstate::function
