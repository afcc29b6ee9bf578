#include "dynamodb/open_dynamodb.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/config_file.hpp"
#include "aws/region.hpp"
#include "aws/source_chain.hpp"
#include "base/try.hpp"
#include "dynamodb/aws_authorizer.hpp"
#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "http/client/client.hpp"

namespace loopstate::dynamodb {

namespace {

std::optional<std::string> text(const Environment& environment, std::string_view name) {
  auto value = environment(name);
  return value && !value->empty() ? value : std::nullopt;
}

// A server on this machine over plain HTTP: a development server, which checks no signature.
bool is_local(const http::Endpoint& endpoint) {
  return !endpoint.tls &&
         (endpoint.host == "localhost" || endpoint.host == "::1" || endpoint.host.starts_with("127."));
}

bool names_credentials(const Environment& environment) {
  constexpr std::string_view kNames[] = {
      "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
  return std::ranges::any_of(kNames, [&](auto name) { return text(environment, name).has_value(); });
}

struct Target {
  http::Endpoint endpoint;
  std::shared_ptr<Authorizer> authorizer;
};

// Where to send, and as whom. A local server is used without credentials if none are in sight, so that nobody
// has to make them up.
Result<Target> find_target(const Environment& environment,
                           std::shared_ptr<aws::CredentialCache> credentials) {
  TRY(auto files, aws::SharedFiles::load(environment));
  auto region = aws::find_region(environment, files);
  TRY(const auto url, aws::find_dynamodb_endpoint(environment, files, region.value_or("us-east-1")));
  if (!region && url.source == "the Region") return std::unexpected(std::move(region.error()));
  TRY(auto endpoint, http::parse_endpoint(url.url, url.source));
  if (is_local(endpoint) && !names_credentials(environment)) {
    return Target{std::move(endpoint),
                  make_unchecked_authorizer(text(environment, "AWS_ACCESS_KEY_ID").value_or("local"))};
  }
  if (credentials == nullptr) {
    TRY(credentials, aws::make_credential_cache(environment));
  }
  return Target{std::move(endpoint),
                make_aws_authorizer(std::move(credentials), region.value_or("us-east-1"))};
}

}  // namespace

Result<std::shared_ptr<table::Table>> open_dynamodb(OpenOptions options, const Environment& environment) {
  TRY(auto target, find_target(environment, std::move(options.credentials)));
  TRY(auto retry, table::service::retry_settings(environment));
  http::ClientSettings client_settings;
  client_settings.ca_bundle = text(environment, "AWS_CA_BUNDLE").value_or("");
  TRY(auto client, http::Client::create(target.endpoint, std::move(client_settings)));

  TableSettings settings;
  settings.place = fmt::format("{}:{}", target.endpoint.host, target.endpoint.port);
  auto sender = std::make_shared<HttpSender>(std::shared_ptr<http::Client>(std::move(client)),
                                             std::move(target.endpoint), std::move(target.authorizer));
  settings.table = std::move(options.table);
  settings.index = std::move(options.index);
  settings.caller.retry = retry;
  return DynamoDbTable::create(std::move(settings), std::move(sender));
}

}  // namespace loopstate::dynamodb
