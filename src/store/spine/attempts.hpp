// A write that lost a race is tried again on what the race left there: every rule tries equally often, with
// the same pauses, and ends with the same sentence.
#pragma once

#include <cstdint>
#include <string>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::store {

/// Waits before attempt `attempt` (from 0): not at all for the first two, since a race is over as soon as the
/// other writer is; then with full jitter over 2 ms * 2^attempt, at most 250 ms. DeadlineExceeded if the
/// deadline would pass, Cancelled. Also for reads that did not fit together.
Task<Result<void>> pause_before_retry(int attempt, Deadline deadline);

/// How often a rule tries again after losing a race before it returns the conflict to the caller.
inline constexpr int kMaxAttempts = 16;

/// When to give up.
enum class Patience : std::uint8_t {
  Attempts,  ///< after kMaxAttempts
  /// Only at the deadline, with shorter pauses: for what cannot be in conflict with anything, however often
  /// others come first.
  Deadline
};

/// One call's attempts:
///
///   Attempts attempts("the context of user U1", deadline);
///   while (attempts.left()) {
///     CO_TRY_OK(co_await attempts.next());
///     ...
///   }
///   co_return attempts.gave_up();
class Attempts {
 public:
  /// `subject`: what is written, for the message that it kept changing.
  Attempts(std::string subject, Deadline deadline, Patience patience = Patience::Attempts)
      : subject_(std::move(subject)), deadline_(deadline), patience_(patience) {}

  bool left() const noexcept { return patience_ == Patience::Deadline || made_ < kMaxAttempts; }
  /// Waits until it is time for the next attempt, as pause_before_retry does.
  Task<Result<void>> next();
  /// The current attempt is the last one.
  bool is_last() const noexcept { return patience_ == Patience::Attempts && made_ == kMaxAttempts; }
  /// Unavailable: others kept writing.
  std::unexpected<Error> gave_up() const;

 private:
  std::string subject_;
  Deadline deadline_;
  Patience patience_;
  int made_ = 0;
};

}  // namespace loopstate::store
