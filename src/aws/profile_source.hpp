// What a profile in the shared files says about credentials.
#pragma once

#include <string>

#include "aws/config_file.hpp"
#include "aws/credential_source.hpp"
#include "aws/surroundings.hpp"

namespace loopstate::aws {

/// Null if the profile says nothing about credentials, or does not exist and nobody asked for it by
/// name. InvalidArgument: the profile that AWS_PROFILE names does not exist, a role has no source, roles form
/// a cycle.
Result<CredentialSourcePtr> make_profile_source(const Surroundings& surroundings, const SharedFiles& files,
                                                const std::string& profile);

}  // namespace loopstate::aws
