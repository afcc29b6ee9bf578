// A role's credentials from the session that `aws sso login` left in its cache.
// Source: "IAM Identity Center credential provider" in the AWS SDKs and Tools reference guide.
#pragma once

#include <string>

#include "aws/credential_source.hpp"
#include "aws/surroundings.hpp"

namespace loopstate::aws {

struct SsoRole {
  std::string
      cache_key;  ///< the session's name, or in older profiles the start URL: its SHA-1 names the cache file
  std::string region;
  std::string account_id;
  std::string role_name;
  std::string source;  ///< "profile dev", for people
};

/// The cached token is used while it is valid; renewing it is left to `aws sso login`.
CredentialSourcePtr make_sso_source(Surroundings surroundings, SsoRole role);

}  // namespace loopstate::aws
