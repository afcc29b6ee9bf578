// Who calls AWS.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crypto/secret.hpp"
#include "loopstate/clock.hpp"

namespace loopstate::aws {

/// Immutable once made; shared by the calls that sign with it.
struct Credentials {
  std::string access_key_id;
  crypto::Secret secret_access_key;
  std::string session_token;            ///< empty for a long-term key
  std::optional<Timestamp> expires_at;  ///< nothing: they do not expire
  std::string account_id;               ///< empty if unknown
  std::string source;  ///< where they came from, for people: "environment", "profile dev", ...
};

using CredentialsPtr = std::shared_ptr<const Credentials>;

}  // namespace loopstate::aws
