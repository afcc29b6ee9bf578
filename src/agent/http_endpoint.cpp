#include "agent/http_endpoint.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "json/writer.hpp"

namespace loopstate::agent {
namespace {

constexpr std::chrono::milliseconds kHealthTimeout{1'000};
constexpr std::chrono::milliseconds kMetricsTimeout{1'000};

http::ServerResponse error_response(int status, std::string_view message) {
  json::Writer json;
  json.begin_object().key("error").string(message).end_object();
  http::ServerResponse response;
  response.status = status;
  response.body = std::move(json).take() + "\n";
  return response;
}

http::ServerResponse response_of(Answer answer, const std::string& request_id) {
  http::ServerResponse response;
  response.status = answer.status;
  response.body = std::move(answer.body) + "\n";
  response.headers.push_back({"X-Request-Id", request_id});
  if (answer.retry_after) {
    response.headers.push_back({"Retry-After", fmt::format("{}", answer.retry_after->count())});
  }
  return response;
}

// What each listener answers, for whoever has a path slightly wrong.
constexpr std::string_view kWebhookPaths[] = {"POST /webhooks/square", "POST /webhooks/stripe",
                                              "POST /webhooks/fidel"};
constexpr std::string_view kAdminPaths[] = {"GET /healthz", "GET /metrics"};

std::string random_prefix() {
  const auto digest = crypto::sha256(crypto::random_text(16));
  return crypto::hex(digest).substr(0, 8);
}

}  // namespace

HttpEndpoint::HttpEndpoint(std::shared_ptr<Agent> agent, std::function<std::int64_t()> wall_ms)
    : agent_(std::move(agent)), wall_ms_(std::move(wall_ms)), prefix_(random_prefix()) {}

Task<http::ServerResponse> HttpEndpoint::respond(http::ServerRequest request) {
  const auto target = route(request.method, request.path());
  if (target.endpoint != Endpoint::Webhook) co_return not_found(kWebhookPaths);
  if (!target.method_allowed) co_return not_allowed(target);
  co_return co_await deliver(std::move(request), *target.provider);
}

Task<http::ServerResponse> HttpEndpoint::respond_admin(http::ServerRequest request) {
  const auto target = route(request.method, request.path());
  if (target.endpoint != Endpoint::Health && target.endpoint != Endpoint::Metrics) {
    co_return not_found(kAdminPaths);
  }
  if (!target.method_allowed) co_return not_allowed(target);
  if (target.endpoint == Endpoint::Metrics) co_return co_await metrics();
  co_return co_await health();
}

Task<http::ServerResponse> HttpEndpoint::deliver(http::ServerRequest request, webhook::Provider provider) {
  const auto request_id = fmt::format("{}-{}", prefix_, ++requests_);
  webhook::Delivery delivery;
  delivery.provider = provider;
  for (const auto& header : request.headers) delivery.headers.add(header.name, header.value);
  delivery.body = std::move(request.body);
  delivery.received_at_ms = wall_ms_();
  auto answer = co_await agent_->handle(std::move(delivery), request_id, Deadline::max());
  co_return response_of(std::move(answer), request_id);
}

Task<http::ServerResponse> HttpEndpoint::health() {
  const auto well = co_await agent_->check_store(std::chrono::steady_clock::now() + kHealthTimeout);
  json::Writer json;
  json.begin_object().key("status").string(well ? "ok" : "unavailable");
  if (!well) {
    json.key("error").string(loopstate::to_string(well.error().code));
    json.key("reason").string(well.error().message);
  }
  json.end_object();
  http::ServerResponse response;
  response.status = well ? 200 : 503;
  response.body = std::move(json).take() + "\n";
  co_return response;
}

http::ServerResponse HttpEndpoint::not_found(std::span<const std::string_view> there_are) {
  agent_->counters().not_found();
  json::Writer json;
  json.begin_object().key("error").string("not found").key("there_are").begin_array();
  for (const auto path : there_are) json.string(path);
  json.end_array().end_object();
  http::ServerResponse response;
  response.status = 404;
  response.body = std::move(json).take() + "\n";
  return response;
}

http::ServerResponse HttpEndpoint::not_allowed(const Route& target) {
  agent_->counters().method_not_allowed();
  auto response = error_response(405, "method not allowed");
  response.headers.push_back({"Allow", std::string(target.allow)});
  return response;
}

Task<http::ServerResponse> HttpEndpoint::metrics() {
  co_await agent_->recorder().count_unlinked(std::chrono::steady_clock::now() + kMetricsTimeout);
  http::ServerResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = agent_->metrics(process_ ? process_() : Counters::Process{});
  co_return response;
}

}  // namespace loopstate::agent
