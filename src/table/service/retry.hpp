// Whether and when a request is sent again: decided here, without a socket or a clock.
// Source: the AWS SDKs' retry behaviour of November 2026 ("Retry Behavior 2.1", standard mode).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "table/service/failure.hpp"

namespace loopstate::table::service {

struct RetrySettings {
  std::uint32_t attempts_max = 4;  ///< AWS_MAX_ATTEMPTS; 1: no retries
  /// Conflicts with other transactions pass quickly, and no SDK retries them: its callers do, more often.
  std::uint32_t conflict_attempts_max = 12;
  std::chrono::milliseconds transient_base{25};
  std::chrono::milliseconds throttling_base{1000};
  std::chrono::milliseconds delay_max{20'000};
};

/// With AWS_MAX_ATTEMPTS, where it is set; InvalidArgument unless it is a number from 1 to 100.
Result<RetrySettings> retry_settings(const Environment& environment);

/// Limits what all calls together may retry, so that retries do not pile up on a service in trouble.
/// Conflicts cost nothing. May be used from several threads.
class RetryBudget {
 public:
  explicit RetryBudget(std::int64_t tokens = 500) : tokens_(tokens), tokens_max_(tokens) {}
  /// False, taking nothing, if there are not that many.
  bool take(std::int64_t tokens) noexcept;
  void give(std::int64_t tokens) noexcept;
  std::int64_t tokens() const noexcept { return tokens_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> tokens_;
  std::int64_t tokens_max_;
};

/// One call's retries.
class Retry {
 public:
  Retry(const RetrySettings& settings, RetryBudget& budget) : settings_(settings), budget_(budget) {}

  struct Decision {
    bool again = false;
    std::chrono::milliseconds delay{0};
    bool refresh_credentials = false;
  };
  /// An attempt failed. `random`: 0 to 1, the jitter.
  Decision failed(Again why, std::optional<std::chrono::milliseconds> retry_after, double random);
  /// An attempt was answered, even if with a refusal.
  void answered();

  std::uint32_t attempt() const noexcept { return attempt_; }

 private:
  const RetrySettings& settings_;
  RetryBudget& budget_;
  std::uint32_t attempt_ = 1;
  std::int64_t taken_ = 0;
  bool refreshed_ = false;
  bool corrected_ = false;
};

}  // namespace loopstate::table::service
