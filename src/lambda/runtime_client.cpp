#include "lambda/runtime_client.hpp"

#include <boost/asio/awaitable.hpp>

namespace loopstate::lambda {

namespace {

/// Lambda's own time-out mostly comes first. The API is on this machine: anything slower is lost.
constexpr std::chrono::seconds kPostTimeout{10};
constexpr int kPostsMax = 2;

http::ClientRequest error_request(std::string_view path, const FunctionError& error) {
  http::ClientRequest request("POST", path);
  request.add("Content-Type", "application/vnd.aws.lambda.error+json");
  request.add("Lambda-Runtime-Function-Error-Type", error_type_header(error));
  request.body = error_body(error);
  return request;
}

void echo(http::ClientRequest& request, const std::optional<std::string>& invocation_id) {
  if (invocation_id) request.add("Lambda-Runtime-Invocation-Id", *invocation_id);
}

}  // namespace

Task<Result<http::ClientReply>> RuntimeClient::next() {
  http::ClientRequest request("GET", "/2018-06-01/runtime/invocation/next");
  // Repeated if an idle connection turns out to be dead: nothing was taken then.
  auto outcome = co_await transport_->send(std::move(request), Deadline::max(), http::Repeat::Harmless);
  if (!outcome) co_return std::unexpected(std::move(outcome.error().error));
  co_return std::move(*outcome);
}

Task<Delivery> RuntimeClient::respond(std::string request_id, std::optional<std::string> invocation_id,
                                      std::string reply) {
  http::ClientRequest request("POST", invocation_path(request_id, "response"));
  request.add("Content-Type", "application/json");
  echo(request, invocation_id);
  request.body = std::move(reply);
  Delivery delivery = co_await deliver(std::move(request));
  co_return delivery;
}

Task<Delivery> RuntimeClient::report(std::string request_id, std::optional<std::string> invocation_id,
                                     FunctionError error) {
  http::ClientRequest request = error_request(invocation_path(request_id, "error"), error);
  echo(request, invocation_id);
  Delivery delivery = co_await deliver(std::move(request));
  co_return delivery;
}

Task<Delivery> RuntimeClient::report_init(FunctionError error) {
  http::ClientRequest request = error_request("/2018-06-01/runtime/init/error", error);
  Delivery delivery = co_await deliver(std::move(request));
  co_return delivery;
}

Task<Delivery> RuntimeClient::deliver(http::ClientRequest request) {
  Delivery delivery;
  for (int post = 1; post <= kPostsMax; ++post) {
    delivery.repeated = post > 1;
    http::ClientRequest copy = request;
    const Deadline deadline = std::chrono::steady_clock::now() + kPostTimeout;
    auto outcome = co_await transport_->send(std::move(copy), deadline, http::Repeat::Harmless);
    if (!outcome) {
      delivery.meaning = AfterPost::TryAgain;
      delivery.failure = std::move(outcome.error().error.message);
      continue;
    }
    delivery.failure.clear();
    delivery.status = outcome->status;
    delivery.meaning = after_post(outcome->status);
    if (delivery.meaning != AfterPost::TryAgain) break;
  }
  co_return delivery;
}

}  // namespace loopstate::lambda
