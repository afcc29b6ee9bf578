// One call to the cluster, with as many attempts as it takes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>

#include "base/fork.hpp"
#include "dax/cluster.hpp"
#include "dax/node.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"
#include "table/service/failure.hpp"
#include "table/service/retry.hpp"
#include "table/service/token_age.hpp"

namespace loopstate::dax {

struct CallerSettings {
  table::service::RetrySettings retry;
  /// An attempt without a reply is abandoned after this long, and made on another node.
  std::chrono::milliseconds attempt_timeout{2'000};
  table::service::TokenSettings token;
};

/// May be used from several threads and event loops.
class Caller {
 public:
  Caller(std::shared_ptr<Cluster> cluster, CallerSettings settings);

  /// Done, or why not. After a sending that may or may not have written an item, the error is
  /// OutcomeUnknown, whatever came last; a refusal then has `maybe_done`. If the cluster is to blame, the
  /// error is ConnectionFailed, NameResolutionFailed, TlsFailed or ProtocolError. StorageFailure in a forked
  /// child. `maybe_done_since`: see table::Call.
  Task<std::expected<void, Failure>> call(const Request* request, Deadline deadline,
                                          std::optional<Instant> maybe_done_since = std::nullopt);

  /// Waits as long as a throttled attempt `number` (from 1) would. DeadlineExceeded if there is no time,
  /// Cancelled.
  Task<Result<void>> pause(std::uint32_t number, Deadline deadline);

  Cluster& cluster() noexcept { return *cluster_; }
  std::uint64_t requests_sent() const noexcept { return requests_.load(std::memory_order_relaxed); }
  const table::service::RetrySettings& retry_settings() const noexcept { return settings_.retry; }

 private:
  Task<Node::Outcome> attempt(const Request* request, table::service::MaySend may_send,
                              std::vector<NodeAddress>* tried, Deadline deadline);

  std::shared_ptr<Cluster> cluster_;
  CallerSettings settings_;
  ForkGuard fork_guard_;
  table::service::RetryBudget budget_;
  std::atomic<std::uint64_t> requests_{0};
};

}  // namespace loopstate::dax
