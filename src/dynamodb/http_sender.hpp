// Attempts over HTTP.
#pragma once

#include <memory>
#include <string>

#include "dynamodb/sender.hpp"
#include "http/client/client.hpp"

namespace loopstate::dynamodb {

/// Makes a request acceptable to the service. May be used from several threads.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  /// Adds the headers that sign the request (`Authorization`, `X-Amz-Date`, ...). It is a POST to "/" with
  /// the headers `Host: host`, `Content-Type: kContentType` and `X-Amz-Target: target` and the body
  /// in `request`, which outlives the call. `clock_offset`: see Attempt. NoCredentials, CredentialsExpired,
  /// AccessDenied, DeadlineExceeded, Cancelled.
  virtual Task<Result<void>> authorize(http::ClientRequest* request, std::string host, std::string target,
                                       std::chrono::seconds clock_offset, Deadline deadline) = 0;

  /// Finds credentials ahead of the first call. The errors of `authorize`.
  virtual Task<Result<void>> warm_up(Deadline deadline) = 0;

  /// See Sender.
  virtual void refresh_credentials() = 0;
  virtual Task<std::vector<table::Finding>> describe(Deadline deadline) = 0;
};

inline constexpr std::string_view kContentType = "application/x-amz-json-1.0";

/// For a development server, which expects a signature but does not check it. `access_key`: letters
/// and digits; some servers keep a separate database for each.
std::unique_ptr<Authorizer> make_unchecked_authorizer(std::string access_key = "local");

class HttpSender final : public Sender {
 public:
  HttpSender(std::shared_ptr<http::Transport> transport, http::Endpoint endpoint,
             std::shared_ptr<Authorizer> authorizer);

  Task<http::ClientOutcome> send(Attempt attempt, Deadline deadline) override;
  void refresh_credentials() override { authorizer_->refresh_credentials(); }
  std::string endpoint() const override { return endpoint_.url(); }
  Task<std::vector<table::Finding>> describe(Deadline deadline) override;
  Task<Result<void>> warm_up(Deadline deadline) override;

 private:
  std::shared_ptr<http::Transport> transport_;
  http::Endpoint endpoint_;
  std::string host_;
  std::shared_ptr<Authorizer> authorizer_;
};

}  // namespace loopstate::dynamodb
