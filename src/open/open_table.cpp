#include <fmt/format.h>

#include <string_view>

#include "dynamodb/open_dynamodb.hpp"
#include "embedded/embedded_table.hpp"
#include "loopstate/open.hpp"

namespace loopstate {
namespace {

constexpr std::string_view kEmbedded = "embedded:";
constexpr std::string_view kDynamoDb = "dynamodb:";

}  // namespace

Result<std::shared_ptr<table::Table>> open_table(const Settings& settings, OpenMode mode) {
  const std::string_view url = settings.url;
  if (url.starts_with(kEmbedded)) {
    embedded::EmbeddedOptions options;
    options.path = url.substr(kEmbedded.size());
    options.create_if_missing = mode == OpenMode::CreateIfMissing;
    options.lock_wait = settings.store.default_timeout;
    return embedded::open_embedded(std::move(options));
  }
  if (url.starts_with(kDynamoDb)) {
    dynamodb::OpenOptions options;
    options.table = url.substr(kDynamoDb.size());
    options.index = settings.fingerprint_index;
    return dynamodb::open_dynamodb(std::move(options), process_environment());
  }
  return fail(ErrorCode::InvalidArgument,
              fmt::format("the store is \"{}\"; embedded:PATH or dynamodb:TABLE is expected", url));
}

}  // namespace loopstate
