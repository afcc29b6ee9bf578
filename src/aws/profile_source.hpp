// What a profile of the shared files says about credentials.
#pragma once

#include <string>

#include "aws/config_file.hpp"
#include "aws/credential_source.hpp"
#include "aws/surroundings.hpp"

namespace loopstate::aws {

/// Null when the profile says nothing of credentials, or there is no such profile and nobody asked for it by
/// name. InvalidArgument: the profile that AWS_PROFILE names is not there, a role has no source, roles lead
/// in a circle.
Result<CredentialSourcePtr> make_profile_source(const Surroundings& surroundings, const SharedFiles& files,
                                                const std::string& profile);

}  // namespace loopstate::aws
