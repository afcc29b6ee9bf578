// When a store call is repeated inside one delivery, and what its last failure means to the sender.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "agent/outcome.hpp"
#include "async/backoff.hpp"
#include "loopstate/error.hpp"

namespace loopstate::agent {

struct RetryPolicy {
  async::Backoff backoff{std::chrono::milliseconds(50), std::chrono::milliseconds(2'000)};
  /// The time that an attempt needs to have a chance; with less left, none is made.
  std::chrono::milliseconds reserve{250};
  unsigned tries_max = 16;
};

/// Whether repeating the same call in a moment, under the same request id, can help.
bool is_passing(const Error& error) noexcept;

/// How long to wait after the `failures`-th failure (from 1) when `left` of the delivery's time remains;
/// nothing: give up. `random`, 0 to 1, is the jitter.
std::optional<std::chrono::milliseconds> next_wait(const RetryPolicy& policy, const Error& error,
                                                   unsigned failures, std::chrono::milliseconds left,
                                                   double random) noexcept;

/// StoreBusy if a later delivery may find the store recovered, UserErased, CardNotLinked, else Failed.
Outcome outcome_of(ErrorCode code) noexcept;

/// How long a provider waits for an answer, less the time that the round trip may take: Square cuts a
/// delivery off after 10 s and Fidel after 20 s; Stripe publishes no figure.
std::chrono::milliseconds time_limit(Source source) noexcept;

}  // namespace loopstate::agent
