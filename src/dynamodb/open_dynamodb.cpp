#include "dynamodb/open_dynamodb.hpp"

#include <fmt/format.h>

#include <charconv>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/http_sender.hpp"
#include "http/client.hpp"

namespace loopstate::dynamodb {

namespace {

constexpr std::uint32_t kAttemptsMax = 100;

std::optional<std::string> text(const Environment& environment, std::string_view name) {
  auto value = environment(name);
  return value && !value->empty() ? value : std::nullopt;
}

Result<http::Endpoint> find_endpoint(const Environment& environment) {
  for (const std::string_view name : {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"}) {
    if (const auto url = text(environment, name)) return http::parse_endpoint(*url, name);
  }
  return fail(ErrorCode::Unsupported,
              "this build finds no endpoint by itself; set AWS_ENDPOINT_URL_DYNAMODB, for DynamoDB Local to "
              "http://localhost:8000");
}

Result<RetrySettings> retry_settings(const Environment& environment) {
  RetrySettings settings;
  const auto given = text(environment, "AWS_MAX_ATTEMPTS");
  if (!given) return settings;
  const auto [end, error] =
      std::from_chars(given->data(), given->data() + given->size(), settings.attempts_max);
  if (error != std::errc() || end != given->data() + given->size() || settings.attempts_max < 1 ||
      settings.attempts_max > kAttemptsMax) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("AWS_MAX_ATTEMPTS is \"{}\"; a number from 1 to {} is expected", *given, kAttemptsMax));
  }
  return settings;
}

}  // namespace

Result<std::shared_ptr<table::Table>> open_dynamodb(OpenOptions options, const Environment& environment) {
  Result<http::Endpoint> endpoint = find_endpoint(environment);
  if (!endpoint) return std::unexpected(std::move(endpoint.error()));
  Result<RetrySettings> retry = retry_settings(environment);
  if (!retry) return std::unexpected(std::move(retry.error()));
  http::ClientSettings client_settings;
  client_settings.ca_bundle = text(environment, "AWS_CA_BUNDLE").value_or("");
  auto client = http::Client::create(*endpoint, std::move(client_settings));
  if (!client) return std::unexpected(std::move(client.error()));

  const std::string access_key = text(environment, "AWS_ACCESS_KEY_ID").value_or("local");
  auto sender = std::make_shared<HttpSender>(std::shared_ptr<http::Client>(std::move(*client)),
                                             std::move(*endpoint), make_unchecked_authorizer(access_key));
  TableSettings settings;
  settings.table = std::move(options.table);
  settings.index = std::move(options.index);
  settings.caller.retry = *retry;
  return DynamoDbTable::create(std::move(settings), std::move(sender));
}

}  // namespace loopstate::dynamodb
