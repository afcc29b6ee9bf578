// Credentials that a program gets from the place it runs in: a container's endpoint, an instance's metadata.
// Sources: "Container credential provider" and "IMDS credential provider" in the AWS SDKs and Tools reference
// guide.
#pragma once

#include <optional>
#include <string>

#include "aws/credential_source.hpp"
#include "aws/surroundings.hpp"

namespace loopstate::aws {

/// From AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or
/// _TOKEN. Null if neither is set. InvalidArgument: a plain-HTTP URI to a host that is neither loopback nor
/// a container's.
Result<CredentialSourcePtr> make_container_source(Surroundings surroundings);

/// IMDSv2, at AWS_EC2_METADATA_SERVICE_ENDPOINT or 169.254.169.254. It waits at most a second for each
/// answer: off an instance, nobody answers.
CredentialSourcePtr make_instance_source(Surroundings surroundings);

}  // namespace loopstate::aws
