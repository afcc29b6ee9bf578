#include "dynamodb/http_sender.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

namespace loopstate::dynamodb {

namespace {

class UncheckedAuthorizer final : public Authorizer {
 public:
  explicit UncheckedAuthorizer(const std::string& access_key)
      : text_(fmt::format("AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/dynamodb/aws4_request, "
                          "SignedHeaders=host, Signature=0",
                          access_key)) {}

  Task<Result<void>> authorize(http::ClientRequest* request, std::string, std::string, std::chrono::seconds,
                               Deadline) override {
    request->add("Authorization", text_);
    request->add("X-Amz-Date", "20260101T000000Z");
    co_return Result<void>();
  }
  Task<Result<void>> warm_up(Deadline) override { co_return Result<void>(); }
  void refresh_credentials() override {}
  Task<std::vector<table::Finding>> describe(Deadline) override {
    std::vector<table::Finding> findings(1);
    findings.front() = {table::Finding::Level::Good, "credentials", "none are needed at a local endpoint",
                        ""};
    co_return findings;
  }

 private:
  std::string text_;
};

}  // namespace

std::unique_ptr<Authorizer> make_unchecked_authorizer(std::string access_key) {
  return std::make_unique<UncheckedAuthorizer>(access_key);
}

HttpSender::HttpSender(std::shared_ptr<http::Transport> transport, http::Endpoint endpoint,
                       std::shared_ptr<Authorizer> authorizer)
    : transport_(std::move(transport)),
      endpoint_(std::move(endpoint)),
      host_(endpoint_.authority()),
      authorizer_(std::move(authorizer)) {}

Task<http::ClientOutcome> HttpSender::send(Attempt attempt, Deadline deadline) {
  http::ClientRequest request("POST", "/");
  std::string target = "DynamoDB_20120810.";
  target += to_string(attempt.operation);
  request.add("Content-Type", kContentType);
  request.add("X-Amz-Target", target);
  // Otherwise the checksum would be over the compressed bytes.
  request.add("Accept-Encoding", "identity");
  request.add("amz-sdk-invocation-id", attempt.invocation_id);
  request.add("amz-sdk-request", fmt::format("attempt={}; max={}", attempt.number, attempt.of));
  request.body = std::move(attempt.body);
  request.may_send = std::move(attempt.may_send);
  Result<void> authorized =
      co_await authorizer_->authorize(&request, host_, std::move(target), attempt.clock_offset, deadline);
  if (!authorized) co_return std::unexpected(http::ClientFailure{std::move(authorized.error()), false});
  // Every write of ours either refuses its own repetition or is not affected by it.
  http::ClientOutcome outcome =
      co_await transport_->send(std::move(request), deadline, http::Repeat::Harmless);
  co_return outcome;
}

Task<std::vector<table::Finding>> HttpSender::describe(Deadline deadline) {
  return authorizer_->describe(deadline);
}

Task<Result<void>> HttpSender::warm_up(Deadline deadline) {
  Result<void> connected = co_await transport_->warm_up(deadline);
  if (!connected) co_return connected;
  co_return co_await authorizer_->warm_up(deadline);
}

}  // namespace loopstate::dynamodb
