// The DynamoDB engine, as a store opens it: on its own, or behind a DAX cluster.
#include "open/engine.hpp"

#include <unistd.h>

#include <utility>

#include "aws/source_chain.hpp"
#include "base/try.hpp"
#include "dax/open_dax.hpp"
#include "dynamodb/open_dynamodb.hpp"
#include "open/dynamodb/fallback_table.hpp"
#include "table/service_time.hpp"

namespace loopstate::engines {
namespace {

Result<std::shared_ptr<table::Table>> open_service(std::string table, const Settings& settings, OpenMode,
                                                   const Environment& environment) {
  dynamodb::OpenOptions options;
  options.table = table;
  options.index = settings.fingerprint_index;
  if (settings.dax_endpoint.empty()) return dynamodb::open_dynamodb(std::move(options), environment);
  // Both act as one user: what is fetched for one is there for the other.
  TRY(options.credentials, aws::make_credential_cache(environment));
  dax::OpenOptions cluster_options;
  cluster_options.endpoint = settings.dax_endpoint;
  cluster_options.table = std::move(table);
  cluster_options.credentials = options.credentials;
  TRY(auto service, dynamodb::open_dynamodb(std::move(options), environment));
  cluster_options.clock = std::make_shared<table::ServiceTime>(std::vector{service});
  TRY(auto cluster, dax::open_dax(std::move(cluster_options), environment));
  TRY(const auto log_options, log::options_from_environment(environment, ::isatty(STDERR_FILENO) == 1));
  return std::make_shared<FallbackTable>(std::move(cluster), std::move(service),
                                         log::Logger::to_stderr(log_options));
}

}  // namespace
}  // namespace loopstate::engines

extern "C" {
extern const loopstate::engines::Engine loopstate_engine_dynamodb;
const loopstate::engines::Engine loopstate_engine_dynamodb = {loopstate::engines::open_service, nullptr,
                                                              nullptr, nullptr};
}
