// What Secrets Manager's replies mean: decisions without I/O.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "loopstate/error.hpp"

namespace loopstate::aws {

/// Whether and how a failed attempt is repeated.
enum class SecretRetry : std::uint8_t { Never, Soon, Slower, FreshCredentials };

struct SecretFailure {
  Error error;
  SecretRetry again = SecretRetry::Never;
};

/// Where and as whom the request was made, for messages.
struct SecretQuestion {
  std::string name;
  std::string region;
  std::string credentials;  ///< "the environment"
};

/// Overwrites `body`.
std::expected<crypto::Secret, SecretFailure> read_secret_reply(std::uint16_t status, std::string body,
                                                               const SecretQuestion& question);

}  // namespace loopstate::aws
