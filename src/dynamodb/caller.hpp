// One call to the service, with as many attempts as it takes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "base/fork.hpp"
#include "dynamodb/reply.hpp"
#include "dynamodb/sender.hpp"
#include "dynamodb/service_clock.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"
#include "table/service/retry.hpp"
#include "table/service/token_age.hpp"

namespace loopstate::dynamodb {

using table::service::RetryBudget;
using table::service::RetrySettings;

struct CallerSettings {
  RetrySettings retry;
  /// An attempt without a reply is abandoned after this long, and made again.
  std::chrono::milliseconds attempt_timeout{5'000};
  /// 0 to 1; null: this thread's own generator.
  std::function<double()> random;
  /// This machine's clock, which the service's replies may show to be wrong; outlives the caller.
  const Clock* clock = &system_clock();
  table::service::TokenSettings token;
};

/// 36 characters unlike any other's; not unguessable.
std::string random_id();

using CallOutcome = std::expected<std::string, Failure>;

/// May be used from several threads.
class Caller {
 public:
  Caller(std::shared_ptr<Sender> sender, CallerSettings settings);

  /// The reply's body. After a sending that may or may not have written an item, the error is
  /// OutcomeUnknown, whatever came last; a refusal then has `maybe_done`. StorageFailure in a forked child.
  /// `maybe_done_since`: see table::Call.
  Task<CallOutcome> call(Operation operation, std::string body, Deadline deadline,
                         std::optional<Instant> maybe_done_since = std::nullopt);

  /// Waits as long as a throttled attempt `number` (from 1) would. DeadlineExceeded if there is no time.
  Task<Result<void>> pause(std::uint32_t number, Deadline deadline);

  /// Waits. DeadlineExceeded if the deadline comes first, Cancelled.
  Task<Result<void>> wait(std::chrono::milliseconds delay, Deadline deadline);

  /// How far this machine's clock is from the service's.
  const ServiceClock& clock() const noexcept { return clock_; }
  /// The last difference that the service's clock showed: its time minus ours, corrected or not.
  std::optional<std::chrono::seconds> last_difference() const noexcept {
    const auto difference = difference_.load(std::memory_order_relaxed);
    return difference == kNoDifference ? std::nullopt : std::optional(difference);
  }

  Sender& sender() noexcept { return *sender_; }
  std::uint64_t requests_sent() const noexcept { return requests_.load(std::memory_order_relaxed); }
  const RetrySettings& retry_settings() const noexcept { return settings_.retry; }

 private:
  double random() const;
  /// The reply's `Date`, if it can show what none has shown in this second.
  std::optional<Timestamp> date_of(const http::ClientReply& reply, Timestamp received_at) const;
  void note_time(const Sighting& seen, std::chrono::seconds signed_offset, const CallOutcome& outcome);

  std::shared_ptr<Sender> sender_;
  CallerSettings settings_;
  ForkGuard fork_guard_;
  RetryBudget budget_;
  std::atomic<std::uint64_t> requests_{0};
  ServiceClock clock_;
  static constexpr std::chrono::seconds kNoDifference = std::chrono::seconds::min();
  std::atomic<std::chrono::seconds> difference_{kNoDifference};
};

}  // namespace loopstate::dynamodb
