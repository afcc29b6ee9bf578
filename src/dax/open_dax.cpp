#include "dax/open_dax.hpp"

#include <utility>

#include "aws/config_file.hpp"
#include "aws/region.hpp"
#include "aws/source_chain.hpp"
#include "base/try.hpp"
#include "dax/dax_table.hpp"

namespace loopstate::dax {

namespace {

/// A node is near, or not worth waiting for.
constexpr std::chrono::milliseconds kConnectTimeout{1'000};

Result<NodeSettings> node_settings(const Seeds& seeds, const OpenOptions& options,
                                   const Environment& environment) {
  NodeSettings out;
  TRY(auto files, aws::SharedFiles::load(environment));
  TRY(auto region, aws::find_region(environment, files));
  out.credentials = options.credentials;
  if (out.credentials == nullptr) {
    TRY(out.credentials, aws::make_credential_cache(environment));
  }
  out.clock = options.clock;
  out.authorizer = std::make_shared<Authorizer>(std::move(region));
  out.connections.connect_timeout = kConnectTimeout;
  if (seeds.tls) {
    TRY(out.tls, http::TlsContext::create(environment("AWS_CA_BUNDLE").value_or("")));
    out.tls_name = seeds.hosts.front().host;
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<table::Table>> open_dax(OpenOptions options, const Environment& environment) {
  ClusterSettings cluster;
  TRY(cluster.seeds, parse_seeds(options.endpoint));
  TRY(cluster.node, node_settings(cluster.seeds, options, environment));
  cluster.times = options.times;
  cluster.random = std::move(options.random);
  TableSettings settings;
  settings.table = std::move(options.table);
  settings.caller.attempt_timeout = options.attempt_timeout;
  settings.caller.token = std::move(options.token);
  TRY(settings.caller.retry, table::service::retry_settings(environment));
  return std::make_shared<DaxTable>(std::move(settings), std::make_shared<Cluster>(std::move(cluster)));
}

}  // namespace loopstate::dax
