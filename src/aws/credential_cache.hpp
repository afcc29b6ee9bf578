// Credentials, cached until they are about to expire; one refresh at a time, however many calls wait.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aws/credential_source.hpp"

namespace loopstate::aws {

/// What to do about the credentials at hand: a decision without I/O.
enum class CacheDecision : std::uint8_t {
  Use,            ///< they are good for a while
  UseAndRefresh,  ///< still good, but due for a refresh: fetch, and keep using these if that fails
  Refresh         ///< there are none, they have expired, or the service refused them
};
/// Refresh before they expire: from five minutes before; in the last minute a refresh is required.
CacheDecision decide(const CredentialsPtr& held, bool refused, Timestamp now);

/// May be used from several threads and event loops.
class CredentialCache {
 public:
  explicit CredentialCache(CredentialSourcePtr source, const Clock& clock = system_clock());
  ~CredentialCache();

  /// The source's result if they have to be fetched; DeadlineExceeded while another call fetches them.
  Task<Result<CredentialsPtr>> get(Deadline deadline);

  /// The service says that these have expired: the next `get` fetches.
  void refuse();

  std::string source_name() const { return source_->name(); }

 private:
  struct Shared;
  CredentialSourcePtr source_;
  const Clock& clock_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace loopstate::aws
