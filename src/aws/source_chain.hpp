// Where a program finds its credentials.
#pragma once

#include <memory>

#include "aws/credential_cache.hpp"
#include "aws/credential_source.hpp"
#include "aws/surroundings.hpp"

namespace loopstate::aws {

/// The first source that has any, in the order in which AWS tools look: the environment's keys, a web
/// identity (AWS_WEB_IDENTITY_TOKEN_FILE), the profile (keys, role, SSO cache, credential_process), the
/// container's endpoint, the instance's metadata (not with AWS_EC2_METADATA_DISABLED=true). The choice is
/// made here, from the environment and the files alone, so that metadata is never requested if anything
/// earlier has them. InvalidArgument names settings that contradict each other.
Result<CredentialSourcePtr> make_source_chain(Surroundings surroundings);

/// What that source gives, in this process's real surroundings; for all clients that act as one.
Result<std::shared_ptr<CredentialCache>> make_credential_cache(const Environment& environment);

}  // namespace loopstate::aws
