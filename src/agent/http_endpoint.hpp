// The agent's HTTP interface: what the server calls for each request.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agent/agent.hpp"
#include "agent/route.hpp"
#include "http/server/server.hpp"

namespace loopstate::agent {

/// `agent` and `wall_ms` (Unix milliseconds) outlive what they make. May be used from several threads.
class HttpEndpoint {
 public:
  HttpEndpoint(std::shared_ptr<Agent> agent, std::function<std::int64_t()> wall_ms);

  /// What anyone may request: POST /webhooks/{square,stripe,fidel}; 404 and 405 for everything else.
  Task<http::ServerResponse> respond(http::ServerRequest request);
  /// What the operators request, on a separate listener: GET /healthz, GET /metrics.
  Task<http::ServerResponse> respond_admin(http::ServerRequest request);

  /// How /metrics learns what only the program knows. Called from any thread, for each scrape.
  void measure_process(std::function<Counters::Process()> process) { process_ = std::move(process); }

 private:
  Task<http::ServerResponse> deliver(http::ServerRequest request, webhook::Provider provider);
  Task<http::ServerResponse> health();
  Task<http::ServerResponse> metrics();
  http::ServerResponse not_found(std::span<const std::string_view> there_are);
  http::ServerResponse not_allowed(const Route& target);

  std::shared_ptr<Agent> agent_;
  std::function<std::int64_t()> wall_ms_;
  std::function<Counters::Process()> process_;
  std::atomic<std::uint64_t> requests_{0};
  std::string prefix_;  ///< start of request ids: tells two runs apart
};

}  // namespace loopstate::agent
