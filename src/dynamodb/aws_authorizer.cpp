#include "dynamodb/aws_authorizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "aws/signer.hpp"
#include "base/try.hpp"

namespace loopstate::dynamodb {
namespace {

class AwsAuthorizer final : public Authorizer {
 public:
  AwsAuthorizer(std::shared_ptr<aws::CredentialCache> credentials, std::string region, const Clock& clock)
      : credentials_(std::move(credentials)), signer_(std::move(region), "dynamodb"), clock_(clock) {}

  Task<Result<void>> authorize(http::ClientRequest* request, std::string host, std::string target,
                               std::chrono::seconds clock_offset, Deadline deadline) override {
    CO_TRY(const auto credentials, co_await credentials_->get(deadline));
    const auto date = aws::amz_date(clock_.now() + clock_offset);
    const auto& token = credentials->session_token;
    aws::RequestToSign to_sign;
    // In their canonical order, which is the quickest to sign.
    to_sign.headers.reserve(5);
    to_sign.headers.emplace_back("content-type", kContentType);
    to_sign.headers.emplace_back("host", host);
    to_sign.headers.emplace_back("x-amz-date", date);
    if (!token.empty()) to_sign.headers.emplace_back("x-amz-security-token", token);
    to_sign.headers.emplace_back("x-amz-target", target);
    to_sign.body = request->body;
    request->add("X-Amz-Date", date);
    if (!token.empty()) request->add("X-Amz-Security-Token", token);
    request->add("Authorization", signer_.authorization(*credentials, to_sign, date));
    co_return Result<void>{};
  }

  Task<Result<void>> warm_up(Deadline deadline) override {
    CO_TRY(const auto credentials, co_await credentials_->get(deadline));
    // The day's key, and everything that the first use of a hash sets up.
    signer_.authorization(*credentials, {}, aws::amz_date(clock_.now()));
    co_return Result<void>();
  }

  void refresh_credentials() override { credentials_->refuse(); }

  Task<std::vector<table::Finding>> describe(Deadline deadline) override {
    const auto credentials = co_await credentials_->get(deadline);
    std::vector<table::Finding> findings;
    findings.push_back(credentials ? good(**credentials) : bad(credentials.error()));
    findings.push_back({table::Finding::Level::Good, "region", signer_.region(), ""});
    co_return findings;
  }

 private:
  table::Finding good(const aws::Credentials& credentials) const {
    auto detail = fmt::format("from {}, access key ending in {}", credentials.source,
                              last_four(credentials.access_key_id));
    if (credentials.expires_at) {
      detail += fmt::format(", valid for {} s", (*credentials.expires_at - clock_.now()).count());
    }
    return {table::Finding::Level::Good, "credentials", std::move(detail), ""};
  }
  table::Finding bad(const Error& error) const {
    return {
        table::Finding::Level::Bad, "credentials",
        fmt::format("{} ({})", error.message, credentials_->source_name()),
        "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sso login` renews a session"};
  }
  static std::string_view last_four(std::string_view id) {
    return id.substr(id.size() - std::min<std::size_t>(id.size(), 4));
  }

  std::shared_ptr<aws::CredentialCache> credentials_;
  aws::Signer signer_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Authorizer> make_aws_authorizer(std::shared_ptr<aws::CredentialCache> credentials,
                                                std::string region, const Clock& clock) {
  return std::make_unique<AwsAuthorizer>(std::move(credentials), std::move(region), clock);
}

}  // namespace loopstate::dynamodb
