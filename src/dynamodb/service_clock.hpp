// How far this machine's clock is from the service's, as its replies show.
#pragma once

#include <atomic>
#include <cstdint>

#include "loopstate/clock.hpp"

namespace loopstate::dynamodb {

/// One reply's `Date`, and our clock when its request was sent and when the reply arrived.
struct Sighting {
  Timestamp sent_at{};
  Timestamp received_at{};
  Timestamp date{};
};

/// Why a reply's date is worth using: the service itself answered, having read what we signed.
enum class Evidence : std::uint8_t {
  SignatureTaken,  ///< done, or refused for another reason
  RefusedForTime   ///< what we signed was refused, and the date differs from the time in it
};

/// How far a signature's time may be from the service's and still be accepted, by AWS's widest bound.
inline constexpr std::chrono::seconds kSignatureTolerance = std::chrono::minutes(15);

/// Whether the date may be the service's time. An accepted signature says that what was signed, our time
/// plus `signed_offset`, was right within kSignatureTolerance, so a date that is further off is wrong (unless
/// it is our own, uncorrected time). If our time was refused there is no such bound: then the only one is
/// that no service was asked before 2025, nor will be after 2099.
bool is_believable(const Sighting& seen, std::chrono::seconds signed_offset, Evidence evidence) noexcept;

/// What to add to our clock from now on, where it was `current` until now. The service wrote its date
/// between our two moments, so one reply shows a range, and a process that was frozen in between (or
/// a reply that took long) shows nothing. A clock that may be right within two minutes is left alone; one
/// being corrected stays so until it is right within one; a clock that was set in between says nothing.
std::chrono::seconds corrected_offset(std::chrono::seconds current, const Sighting& seen) noexcept;

/// May be used from several threads.
class ServiceClock {
 public:
  explicit ServiceClock(const Clock& clock) : clock_(clock) {}

  /// This machine's time, uncorrected.
  Timestamp local() const { return clock_.now(); }
  /// What to add to it; zero unless a reply has shown it to be wrong.
  std::chrono::seconds offset() const noexcept { return offset_.load(std::memory_order_relaxed); }
  /// Whether a reply that arrives now can show what none has shown in this second.
  bool wants(Timestamp received_at) const noexcept {
    return seen_at_.load(std::memory_order_relaxed) != received_at;
  }
  void saw(const Sighting& seen) noexcept;

 private:
  const Clock& clock_;
  std::atomic<std::chrono::seconds> offset_{std::chrono::seconds::zero()};
  std::atomic<Timestamp> seen_at_{Timestamp{}};
};

}  // namespace loopstate::dynamodb
