// Credentials, remembered until they are about to expire; one refresh at a time, however many calls wait.
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
  UseAndRefresh,  ///< still good, but the next ones are due: fetch, and go on with these if that fails
  Refresh         ///< there are none, they are over, or the service refused them
};
/// Refresh ahead of the expiry: five minutes before it; at the last minute nothing else will do.
CacheDecision decide(const CredentialsPtr& held, bool refused, Timestamp now);

/// May be used from several threads and event loops.
class CredentialCache {
 public:
  explicit CredentialCache(CredentialSourcePtr source, const Clock& clock = system_clock());
  ~CredentialCache();

  /// What the source answers when they have to be fetched; DeadlineExceeded while another call fetches them.
  Task<Result<CredentialsPtr>> get(Deadline deadline);

  /// The service says that these expired: the next `get` fetches.
  void refuse();

  std::string source_name() const { return source_->name(); }

 private:
  struct Shared;
  CredentialSourcePtr source_;
  const Clock& clock_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace loopstate::aws
