#include "aws/secrets_manager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>

#include "async/backoff.hpp"
#include "async/sleep.hpp"
#include "aws/region.hpp"
#include "aws/secret_reply.hpp"
#include "aws/signer.hpp"
#include "aws/source_chain.hpp"
#include "base/try.hpp"
#include "json/writer.hpp"

namespace loopstate::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxNameChars = 512;
constexpr std::size_t kMaxArnChars = 2048;
constexpr unsigned kMaxAttempts = 3;
constexpr milliseconds kAttemptTimeout(5'000);
// The AWS SDKs' base delays, see table/service/retry.hpp.
constexpr milliseconds kSoonBase(50);
constexpr milliseconds kSlowerBase(1'000);
constexpr milliseconds kPauseMax(20'000);
constexpr std::string_view kContentType = "application/x-amz-json-1.1";
constexpr std::string_view kTarget = "secretsmanager.GetSecretValue";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameChars && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+=.@-!").find(c) != std::string_view::npos;
  });
}

// Each attempt sends the same request to the same place.
struct Plan {
  http::Endpoint endpoint;
  std::shared_ptr<http::Transport> transport;
  std::string region;
  std::string body;
};

Result<Plan> make_plan(const Surroundings& surroundings, const SharedFiles& files, const std::string& name) {
  TRY(auto named, region_of_secret(name));
  Plan plan;
  if (named) {
    plan.region = std::move(*named);
  } else {
    TRY(auto region, find_region(surroundings.environment, files));
    plan.region = std::move(region);
  }
  const auto url = find_endpoint(surroundings.environment, files, "secretsmanager", plan.region);
  TRY(auto endpoint, http::parse_endpoint(url.url, url.source));
  TRY(auto transport, surroundings.connect(endpoint));
  plan.endpoint = std::move(endpoint);
  plan.transport = std::move(transport);
  plan.body = R"({"SecretId":)";
  json::append_string(plan.body, name);
  plan.body += '}';
  return plan;
}

http::ClientRequest signed_request(const Plan& plan, const Credentials& credentials, Timestamp now) {
  http::ClientRequest request("POST", "/");
  request.body = plan.body;
  const auto host = plan.endpoint.authority();
  const auto date = amz_date(now);
  RequestToSign to_sign;
  to_sign.headers = {
      {"content-type", kContentType}, {"host", host}, {"x-amz-date", date}, {"x-amz-target", kTarget}};
  if (!credentials.session_token.empty()) {
    to_sign.headers.emplace_back("x-amz-security-token", credentials.session_token);
    request.add("X-Amz-Security-Token", credentials.session_token);
  }
  to_sign.body = request.body;
  request.add("Content-Type", kContentType);
  request.add("X-Amz-Target", kTarget);
  request.add("X-Amz-Date", date);
  request.add("Accept-Encoding", "identity");
  Signer signer(plan.region, "secretsmanager");
  request.add("Authorization", signer.authorization(credentials, to_sign, date));
  return request;
}

SecretFailure unreachable(Error error) {
  const bool passing = error.retryable || error.code == ErrorCode::DeadlineExceeded;
  error.message = fmt::format("Secrets Manager: {}", error.message);
  return SecretFailure{std::move(error), passing ? SecretRetry::Soon : SecretRetry::Never};
}

/// How long to wait before attempt `next`, from 2.
async::Backoff backoff_for(SecretRetry why) {
  return {why == SecretRetry::Slower ? kSlowerBase : kSoonBase, kPauseMax};
}

}  // namespace

Result<std::optional<std::string>> region_of_secret(std::string_view name) {
  if (is_name(name)) return std::optional<std::string>();
  // arn:partition:secretsmanager:region:account:secret:name
  std::array<std::string_view, 6> parts;
  auto rest = name;
  for (auto& part : parts) {
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) break;
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (name.size() <= kMaxArnChars && parts[0] == "arn" && parts[2] == "secretsmanager" &&
      is_region(parts[3]) && parts[5] == "secret" && is_name(rest)) {
    return std::optional(std::string(parts[3]));
  }
  return fail(ErrorCode::InvalidArgument,
              "the secret's name is not valid: expected 1 to 512 characters of A-Z a-z 0-9 / _ + = . @ - ! "
              "or an ARN like arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf");
}

SecretsManager::SecretsManager(Surroundings surroundings, SharedFiles files,
                               std::shared_ptr<CredentialCache> credentials)
    : random(async::jitter),
      surroundings_(std::move(surroundings)),
      files_(std::move(files)),
      credentials_(std::move(credentials)) {}

Result<std::unique_ptr<SecretsManager>> SecretsManager::create(Surroundings surroundings,
                                                               std::shared_ptr<CredentialCache> credentials) {
  TRY(auto files, SharedFiles::load(surroundings.environment));
  if (!credentials) {
    TRY(auto source, make_source_chain(surroundings));
    credentials = std::make_shared<CredentialCache>(std::move(source), surroundings.clock);
  }
  return std::unique_ptr<SecretsManager>(
      new SecretsManager(std::move(surroundings), std::move(files), std::move(credentials)));
}

Task<Result<crypto::Secret>> SecretsManager::fetch(std::string name, Deadline deadline) {
  CO_TRY(auto plan, make_plan(surroundings_, files_, name));
  bool refreshed = false;
  for (unsigned attempt = 1;; ++attempt) {
    CO_TRY(auto credentials, co_await credentials_->get(deadline));
    const SecretQuestion question{name, plan.region, credentials->source};
    auto request = signed_request(plan, *credentials, surroundings_.clock.now());
    const Deadline limit = std::min(deadline, steady_clock::now() + kAttemptTimeout);
    auto reply = co_await plan.transport->send(std::move(request), limit, http::Repeat::Harmless);
    auto outcome = reply ? read_secret_reply(reply->status, std::move(reply->body), question)
                         : std::unexpected(unreachable(std::move(reply.error().error)));
    if (outcome) co_return std::move(*outcome);
    auto& [error, again] = outcome.error();
    if (again == SecretRetry::FreshCredentials && !refreshed) {
      refreshed = true;
      credentials_->refuse();
      continue;
    }
    if (again == SecretRetry::Never || again == SecretRetry::FreshCredentials || attempt >= kMaxAttempts) {
      co_return std::unexpected(std::move(error));
    }
    const auto delay = backoff_for(again).wait(attempt, random());
    if (steady_clock::now() + delay >= deadline) co_return std::unexpected(std::move(error));
    const bool slept = co_await async::sleep_for(delay);
    if (!slept) co_return fail(ErrorCode::Cancelled, "the call was cancelled");
  }
}

Task<Result<crypto::Secret>> fetch_secret(std::string name, Environment environment, Deadline deadline) {
  CO_TRY(auto manager, SecretsManager::create(real_surroundings(std::move(environment))));
  co_return co_await (manager)->fetch(std::move(name), deadline);
}

}  // namespace loopstate::aws
