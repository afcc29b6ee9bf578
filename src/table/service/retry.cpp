#include "table/service/retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "async/backoff.hpp"

namespace loopstate::table::service {

namespace {

constexpr std::uint32_t kAttemptsMax = 100;
constexpr std::int64_t kTransientTokens = 14;
constexpr std::int64_t kThrottlingTokens = 5;
// A conflict says that several callers write one item, and nothing about the service: it is limited per call
// only, or else one user's conflicts would keep everybody's passing failures from being retried.
constexpr std::int64_t kConflictTokens = 0;
constexpr std::chrono::milliseconds kHintSlack{5000};

std::int64_t cost(Again why) {
  switch (why) {
    case Again::Transient:
      return kTransientTokens;
    case Again::Conflict:
      return kConflictTokens;
    default:
      return kThrottlingTokens;
  }
}

}  // namespace

Result<RetrySettings> retry_settings(const Environment& environment) {
  RetrySettings settings;
  const auto given = environment("AWS_MAX_ATTEMPTS");
  if (!given || given->empty()) return settings;
  const auto [end, error] =
      std::from_chars(given->data(), given->data() + given->size(), settings.attempts_max);
  if (error != std::errc() || end != given->data() + given->size() || settings.attempts_max < 1 ||
      settings.attempts_max > kAttemptsMax) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("AWS_MAX_ATTEMPTS is \"{}\"; a number from 1 to {} is expected", *given, kAttemptsMax));
  }
  return settings;
}

bool RetryBudget::take(std::int64_t tokens) noexcept {
  std::int64_t there = tokens_.load(std::memory_order_relaxed);
  while (there >= tokens) {
    if (tokens_.compare_exchange_weak(there, there - tokens, std::memory_order_relaxed)) return true;
  }
  return false;
}

void RetryBudget::give(std::int64_t tokens) noexcept {
  std::int64_t there = tokens_.load(std::memory_order_relaxed);
  while (there < tokens_max_) {
    const std::int64_t more = std::min(there + tokens, tokens_max_);
    if (tokens_.compare_exchange_weak(there, more, std::memory_order_relaxed)) return;
  }
}

Retry::Decision Retry::failed(Again why, std::optional<std::chrono::milliseconds> retry_after,
                              double random) {
  Decision decision;
  // These two say what has to change, and are no load on the service: they neither wait nor cost anything.
  if (why == Again::Credentials && !refreshed_ && settings_.attempts_max > 1) {
    refreshed_ = decision.again = decision.refresh_credentials = true;
  }
  if (why == Again::Clock && !corrected_ && settings_.attempts_max > 1) {
    corrected_ = decision.again = true;
  }
  if (decision.again) {
    ++attempt_;
    return decision;
  }
  if (why == Again::Never || why == Again::Credentials || why == Again::Clock) return decision;

  const std::uint32_t attempts_max = why == Again::Conflict && settings_.attempts_max > 1
                                         ? std::max(settings_.conflict_attempts_max, settings_.attempts_max)
                                         : settings_.attempts_max;
  if (attempt_ >= attempts_max) return decision;
  const std::int64_t tokens = cost(why);
  if (!budget_.take(tokens)) return decision;
  if (tokens > 0) taken_ = tokens;
  const auto base = why == Again::Throttling ? settings_.throttling_base : settings_.transient_base;
  decision.delay = async::Backoff{base, settings_.delay_max}.wait(attempt_, random);
  if (retry_after) decision.delay = std::clamp(*retry_after, decision.delay, decision.delay + kHintSlack);
  decision.again = true;
  ++attempt_;
  return decision;
}

void Retry::answered() {
  budget_.give(taken_ > 0 ? taken_ : 1);
  taken_ = 0;
}

}  // namespace loopstate::table::service
