// Credentials from a program of the user's choice: a profile's `credential_process`.
// Source: "Process credential provider" in the AWS SDKs and Tools reference guide.
#pragma once

#include <string>

#include "aws/credential_source.hpp"

namespace loopstate::aws {

/// Runs `command` with /bin/sh and reads its standard output, at most 64 KB. It is killed when the deadline
/// passes.
CredentialSourcePtr make_process_source(std::string command, std::string name);

}  // namespace loopstate::aws
