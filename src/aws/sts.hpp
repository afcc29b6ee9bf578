// The Security Token Service: temporary credentials of a role.
// Source: the AWS STS API reference, version 2011-06-15 (query protocol); that it answers in
// JSON where that is accepted comes from the query protocol and is not in the reference.
#pragma once

#include <string>
#include <string_view>

#include "aws/credential_source.hpp"
#include "aws/surroundings.hpp"

namespace loopstate::aws {

struct RoleToAssume {
  std::string role_arn;
  std::string session_name;  ///< empty: one is made up
  std::string external_id;
  std::string duration_seconds;  ///< empty: the service's default
  std::string region;            ///< of the STS endpoint
  std::string endpoint_url;
  std::string source;  ///< "profile dev", for people
};

/// AssumeRole with the credentials of `base`.
CredentialSourcePtr make_assume_role_source(Surroundings surroundings, RoleToAssume role,
                                            CredentialSourcePtr base);

/// AssumeRoleWithWebIdentity with the token that is in `token_file` at the time of the call.
CredentialSourcePtr make_web_identity_source(Surroundings surroundings, RoleToAssume role,
                                             std::string token_file);

/// What an STS reply means: exposed for tests.
Result<CredentialsPtr> credentials_from_sts(std::uint16_t status, std::string_view text,
                                            const std::string& source);

}  // namespace loopstate::aws
