// Credentials as JSON documents state them: credential_process, the container's endpoint, the instance's
// metadata.
#pragma once

#include <string_view>

#include "aws/credentials.hpp"
#include "loopstate/error.hpp"

namespace loopstate::aws {

/// Which names the members have.
enum class CredentialNames : std::uint8_t {
  Process,   ///< AccessKeyId, SecretAccessKey, SessionToken, Expiration (credential_process, Version 1)
  Metadata,  ///< AccessKeyId, SecretAccessKey, Token, Expiration (container, instance)
  Sso        ///< accessKeyId, secretAccessKey, sessionToken, expiration in milliseconds
};

/// NoCredentials names what is missing; never quotes the text, which may hold a secret.
Result<CredentialsPtr> credentials_from_json(std::string_view text, CredentialNames names,
                                             std::string source);

/// "2026-11-25T09:00:00Z" (with or without a fraction, or an offset like +00:00); nothing for any other text.
std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace loopstate::aws
