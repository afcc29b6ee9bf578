// From the settings that AWS tools share in the environment to a table behind a cluster.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "aws/credential_cache.hpp"
#include "dax/caller.hpp"
#include "dax/cluster_view.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "table/table.hpp"

namespace loopstate::dax {

struct OpenOptions {
  std::string endpoint;  ///< as DAX_ENDPOINT
  std::string table;
  std::shared_ptr<aws::CredentialCache> credentials;  ///< null: its own
  std::shared_ptr<const Clock> clock;                 ///< the service's time; null: this machine's
  // For tests.
  ClusterTimes times;
  std::chrono::milliseconds attempt_timeout = CallerSettings().attempt_timeout;
  table::service::TokenSettings token;
  std::function<double()> random;  ///< as ClusterSettings::random
};

/// Sends nothing. InvalidArgument names the variable that is missing or has an invalid value; NoCredentials:
/// there are none, and nowhere to get them.
Result<std::shared_ptr<table::Table>> open_dax(OpenOptions options, const Environment& environment);

}  // namespace loopstate::dax
