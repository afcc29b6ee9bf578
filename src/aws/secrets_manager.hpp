// AWS Secrets Manager: a secret's current value, by the secret's name or ARN.
// Source: the AWS Secrets Manager API reference, GetSecretValue (JSON protocol 1.1).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aws/config_file.hpp"
#include "aws/credential_cache.hpp"
#include "aws/surroundings.hpp"
#include "crypto/secret.hpp"

namespace loopstate::aws {

/// May be used from several threads.
class SecretsManager {
 public:
  /// Credentials come from `credentials`, which another client may share; null: from the first place that has
  /// any, in the order of AWS tools. The shared files are read here, once. Sends nothing yet. InvalidArgument
  /// and NoCredentials: see SharedFiles::load and make_source_chain.
  static Result<std::unique_ptr<SecretsManager>> create(
      Surroundings surroundings, std::shared_ptr<CredentialCache> credentials = nullptr);

  /// The value, whether text or bytes. Requested in the Region that an ARN names, else in the configured one;
  /// the endpoint is AWS_ENDPOINT_URL_SECRETS_MANAGER's, else as find_endpoint says. At most three attempts.
  /// InvalidArgument: not a secret's name (1 to 512 characters `A-Z a-z 0-9 / _ + = . @ - !`) or ARN
  /// (up to 2,048), or no Region. NotFound: no such secret, or it is scheduled for deletion. AccessDenied,
  /// NoCredentials, CredentialsExpired, ClockSkew, Throttled, Unavailable, ProtocolError (the reply has no
  /// value), and the failures of reaching it. No message contains any part of the value.
  Task<Result<crypto::Secret>> fetch(std::string name, Deadline deadline);

  /// 0 to 1, the jitter of the wait before a retry; for tests.
  std::function<double()> random;

 private:
  SecretsManager(Surroundings surroundings, SharedFiles files, std::shared_ptr<CredentialCache> credentials);

  Surroundings surroundings_;
  SharedFiles files_;
  std::shared_ptr<CredentialCache> credentials_;
};

/// One secret, over real connections, with its own credentials.
Task<Result<crypto::Secret>> fetch_secret(std::string name, Environment environment, Deadline deadline);

/// The Region in the ARN of a secret; nothing for a plain name. InvalidArgument: neither a name nor an ARN.
Result<std::optional<std::string>> region_of_secret(std::string_view name);

}  // namespace loopstate::aws
