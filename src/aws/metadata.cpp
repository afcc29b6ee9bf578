#include "aws/metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "aws/config_file.hpp"
#include "aws/credential_json.hpp"
#include "base/read_file.hpp"
#include "base/try.hpp"

namespace loopstate::aws {
namespace {

constexpr std::chrono::seconds kMetadataTimeout(1);
constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::string_view kInstanceUrl = "http://169.254.169.254";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";

struct Url {
  http::Endpoint endpoint;
  std::string target = "/";
};

// The path may be anything here, unlike in parse_endpoint.
Result<Url> split_url(std::string_view text, std::string_view what) {
  const auto scheme_end = text.find("://");
  const auto path = scheme_end == std::string_view::npos ? scheme_end : text.find('/', scheme_end + 3);
  TRY(auto endpoint, http::parse_endpoint(text.substr(0, path), what));
  Url url{std::move(endpoint), "/"};
  if (path != std::string_view::npos) url.target = text.substr(path);
  return url;
}

Task<Result<http::ClientReply>> ask(Surroundings surroundings, http::Endpoint endpoint,
                                    http::ClientRequest request, Deadline deadline) {
  CO_TRY(auto transport, surroundings.connect(endpoint));
  auto reply = co_await (transport)->send(std::move(request), deadline, http::Repeat::Harmless);
  if (!reply) co_return std::unexpected(std::move(reply.error().error));
  co_return std::move(*reply);
}

Result<std::string> read_token(const std::string& path) {
  auto text = read_file(path);
  if (!text) {
    return fail(ErrorCode::NoCredentials, fmt::format("cannot read the container's token in {}", path));
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return std::move(*text);
}

class ContainerSource final : public CredentialSource {
 public:
  ContainerSource(Surroundings surroundings, Url url)
      : surroundings_(std::move(surroundings)), url_(std::move(url)) {}

  Task<Result<CredentialsPtr>> fetch(Deadline deadline) override {
    http::ClientRequest request("GET", url_.target);
    request.add("Accept", "application/json");
    CO_TRY(auto token, this->token());
    if (!token.empty()) request.add("Authorization", token);
    CO_TRY(auto reply, co_await ask(surroundings_, url_.endpoint, std::move(request), deadline));
    if (reply.status != 200) {
      co_return fail(ErrorCode::NoCredentials,
                     fmt::format("the container's endpoint answered HTTP {}", reply.status),
                     reply.status >= 500);
    }
    co_return credentials_from_json(reply.body, CredentialNames::Metadata, name());
  }
  std::string name() const override { return "the container's endpoint"; }

 private:
  Result<std::string> token() const {
    const auto& environment = surroundings_.environment;
    if (const auto path = variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
      return read_token(*path);
    return variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  }

  Surroundings surroundings_;
  Url url_;
};

class InstanceSource final : public CredentialSource {
 public:
  explicit InstanceSource(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

  Task<Result<CredentialsPtr>> fetch(Deadline deadline) override {
    CO_TRY(auto url, split_url(variable(surroundings_.environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
                                   .value_or(std::string(kInstanceUrl)),
                               "AWS_EC2_METADATA_SERVICE_ENDPOINT"));
    http::ClientRequest token_request("PUT", "/latest/api/token");
    token_request.add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    CO_TRY(auto token, co_await get(url.endpoint, std::move(token_request), deadline));
    CO_TRY(auto role, co_await get(url.endpoint, with_token(std::string(kRolePath), token), deadline));
    const auto first_line = role.substr(0, role.find('\n'));
    CO_TRY(auto document,
           co_await get(url.endpoint, with_token(std::string(kRolePath) + first_line, token), deadline));
    co_return credentials_from_json(document, CredentialNames::Metadata, name());
  }
  std::string name() const override { return "the instance's metadata"; }

 private:
  static http::ClientRequest with_token(std::string target, std::string_view token) {
    http::ClientRequest request("GET", target);
    request.add("X-aws-ec2-metadata-token", token);
    return request;
  }

  Task<Result<std::string>> get(http::Endpoint endpoint, http::ClientRequest request, Deadline deadline) {
    const auto soon = std::min(deadline, std::chrono::steady_clock::now() + kMetadataTimeout);
    auto reply = co_await ask(surroundings_, std::move(endpoint), std::move(request), soon);
    if (!reply) co_return nowhere("there is no container or instance metadata service", true);
    if (reply->status == 200) co_return std::move(reply->body);
    co_return nowhere(reply->status == 404
                          ? std::string("this instance has no role")
                          : fmt::format("the instance's metadata answered HTTP {}", reply->status),
                      reply->status >= 500);
  }

  // The instance is asked last: whoever reads this has set nothing, or believes that the instance has a role.
  static std::unexpected<Error> nowhere(std::string_view why, bool retryable) {
    return fail(
        ErrorCode::NoCredentials,
        fmt::format(
            "no credentials found: none in the environment, none in any profile, and {}; set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the instance a role",
            why),
        retryable);
  }

  Surroundings surroundings_;
};

// Plain HTTP only where nobody else can listen in.
bool is_local(const std::string& host) {
  static constexpr std::string_view kHosts[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                                "localhost", "::1"};
  return std::ranges::find(kHosts, host) != std::end(kHosts) || host.starts_with("127.");
}

}  // namespace

Result<CredentialSourcePtr> make_container_source(Surroundings surroundings) {
  const auto relative = variable(surroundings.environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = variable(surroundings.environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return CredentialSourcePtr();
  const auto what =
      relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  TRY(auto url, split_url(relative ? fmt::format("{}{}", kContainerHost, *relative) : *full, what));
  if (!url.endpoint.tls && !is_local(url.endpoint.host)) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} names a host that may only be contacted over https", what));
  }
  return std::make_shared<ContainerSource>(std::move(surroundings), std::move(url));
}

CredentialSourcePtr make_instance_source(Surroundings surroundings) {
  return std::make_shared<InstanceSource>(std::move(surroundings));
}

}  // namespace loopstate::aws
