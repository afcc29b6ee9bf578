// How far this machine's clock is off the service's, as its replies show.
#pragma once

#include <atomic>

#include "loopstate/clock.hpp"

namespace loopstate::dynamodb {

/// One reply's `Date`, and our clock when its request was sent and when it came.
struct Sighting {
  UnixSeconds sent_at = 0;
  UnixSeconds received_at = 0;
  UnixSeconds date = 0;
};

/// The seconds to add to our clock from here on, where they were `current`. The service wrote its date
/// between our two moments, so what one reply shows is a range, and a process that was frozen in between (or
/// a reply that took long) shows nothing. A clock that may be right within two minutes is left alone, one
/// that is being corrected until it is right within one; a clock that was set in between says nothing.
UnixSeconds corrected_offset(UnixSeconds current, const Sighting& seen) noexcept;

/// May be used from several threads.
class ServiceClock {
 public:
  explicit ServiceClock(const Clock& clock) : clock_(clock) {}

  /// This machine's time, uncorrected.
  UnixSeconds local() const { return clock_.now(); }
  /// Seconds to add to it; 0 while no reply has shown it to be wrong.
  UnixSeconds offset() const noexcept { return offset_.load(std::memory_order_relaxed); }
  /// Whether a reply that comes now can show what none has shown in this second.
  bool wants(UnixSeconds received_at) const noexcept {
    return seen_at_.load(std::memory_order_relaxed) != received_at;
  }
  void saw(const Sighting& seen) noexcept;

 private:
  const Clock& clock_;
  std::atomic<UnixSeconds> offset_{0};
  std::atomic<UnixSeconds> seen_at_{0};
};

}  // namespace loopstate::dynamodb
