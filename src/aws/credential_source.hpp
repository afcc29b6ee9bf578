// A place that credentials may come from.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/credentials.hpp"
#include "http/client/client.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/task.hpp"

namespace loopstate::aws {

/// Fetches once at each call; remembering is for CredentialCache. May be called from several threads.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;

  /// NoCredentials: this place has none, or refuses to give them; the message says why, without a secret.
  /// AccessDenied: the role may not be assumed. Unavailable, DeadlineExceeded, and the failures of the way
  /// there.
  virtual Task<Result<CredentialsPtr>> fetch(Deadline deadline) = 0;

  /// Where they come from, for people: "environment", "profile dev".
  virtual std::string name() const = 0;
};

using CredentialSourcePtr = std::shared_ptr<CredentialSource>;

/// What sources need of the world outside; tests bring their own.
struct Surroundings {
  Environment environment;
  /// A client for the server. Who asks may keep it.
  std::function<Result<std::shared_ptr<http::Transport>>(const http::Endpoint&)> connect;
  const Clock& clock = system_clock();
};

/// More servers than anybody's settings name.
inline constexpr std::size_t kClientsMax = 64;

/// Over real connections; the CA bundle is AWS_CA_BUNDLE's. Who asks for the same server again, through a
/// copy too, gets the same client, whose connections are open already. The clients of kClientsMax servers are
/// kept; one more, and they are forgotten.
Surroundings real_surroundings(Environment environment);

/// Always the same ones.
CredentialSourcePtr make_static_source(CredentialsPtr credentials);

/// The first source that has any, in the order in which AWS tools look: the environment's keys, a web
/// identity (AWS_WEB_IDENTITY_TOKEN_FILE), the profile (keys, role, SSO cache, credential_process), the
/// container's endpoint, the instance's metadata (not with AWS_EC2_METADATA_DISABLED=true). Which one it is
/// is decided here, from the environment and the files alone, so that metadata is never asked when anything
/// earlier answers. InvalidArgument: settings that contradict each other, named.
Result<CredentialSourcePtr> make_source_chain(Surroundings surroundings);

}  // namespace loopstate::aws
