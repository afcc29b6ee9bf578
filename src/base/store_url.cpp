#include "base/store_url.hpp"

#include <fmt/format.h>

namespace loopstate {
namespace {

constexpr std::string_view kEmbedded = "embedded:";
constexpr std::string_view kDynamoDb = "dynamodb:";

/// What the service allows: 3 to 255 of these (the same rule for tables and indexes).
bool is_dynamodb_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return name.size() >= 3 && name.size() <= 255 && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// "./shop.db", "/srv/shop.db", "shop.db": nobody means a DynamoDB table by these.
bool looks_like_a_path(std::string_view url) {
  return !url.contains(':') && (url.contains('/') || url.ends_with(".db"));
}

}  // namespace

Result<void> check_dynamodb_name(std::string_view given_as, std::string_view name) {
  if (is_dynamodb_name(name)) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} names \"{}\"; a DynamoDB name is 3 to 255 of the characters a-z A-Z 0-9 _ . -",
                          given_as, name));
}

Result<void> check_store_url(std::string_view given_as, std::string_view url) {
  if (url.starts_with(kEmbedded) && url.size() > kEmbedded.size()) return {};
  if (url.starts_with(kDynamoDb)) return check_dynamodb_name(given_as, url.substr(kDynamoDb.size()));
  if (looks_like_a_path(url)) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} is \"{}\", which does not say which engine: write {}{} for a local file",
                            given_as, url, kEmbedded, url));
  }
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} is \"{}\"; embedded:PATH or dynamodb:TABLE is expected", given_as, url));
}

}  // namespace loopstate
