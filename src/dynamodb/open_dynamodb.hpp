// From the settings that AWS tools share in the environment to a table.
#pragma once

#include <memory>
#include <string>

#include "aws/credential_cache.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "table/table.hpp"

namespace loopstate::dynamodb {

struct OpenOptions {
  std::string table;
  std::string index;
  std::shared_ptr<aws::CredentialCache> credentials;  ///< null: its own
};

/// Sends nothing. InvalidArgument names the variable that is missing or has an invalid value; NoCredentials:
/// there are none, and nowhere to get them.
Result<std::shared_ptr<table::Table>> open_dynamodb(OpenOptions options, const Environment& environment);

}  // namespace loopstate::dynamodb
