// A place that credentials may come from.
#pragma once

#include <memory>
#include <string>

#include "aws/credentials.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::aws {

/// Fetches once per call; CredentialCache does the caching. May be called from several threads.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;

  /// NoCredentials: this place has none, or refuses to provide them; the message says why, without a secret.
  /// AccessDenied: the role may not be assumed. Unavailable, DeadlineExceeded, and the failures of reaching
  /// it.
  virtual Task<Result<CredentialsPtr>> fetch(Deadline deadline) = 0;

  /// Where they come from, for people: "environment", "profile dev".
  virtual std::string name() const = 0;
};

using CredentialSourcePtr = std::shared_ptr<CredentialSource>;

/// Always returns the same ones.
CredentialSourcePtr make_static_source(CredentialsPtr credentials);

}  // namespace loopstate::aws
