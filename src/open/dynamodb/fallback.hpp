// When a call that went to the cluster goes to the table itself: decided here, without either of them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate::engines {

inline constexpr std::chrono::milliseconds kQuiet{10'000};

/// May be used from several threads.
class Fallback {
 public:
  /// `quiet`: a cluster is back when it answers, and no call has fallen back for this long. One that answers
  /// reads while its writes fail is down all the time, not down and back with each call.
  explicit Fallback(std::chrono::milliseconds quiet = kQuiet) : quiet_(quiet) {}

  /// How long the cluster may try: half of the time that is left, so that the table gets the other half.
  static Deadline limit(Deadline now, Deadline deadline) noexcept;

  /// What an error from the cluster means for the call.
  enum class Verdict : std::uint8_t {
    Stays,    ///< the table itself would answer the same, or somebody has to fix something
    NotDone,  ///< the cluster is away, and did nothing
    Unknown   ///< the cluster is away, and may have written
  };
  /// `in_time`: the call's own deadline has not passed.
  static Verdict judge(const Error& error, bool in_time) noexcept;

  /// What to report once, however many calls find it out.
  enum class News : std::uint8_t { None, Away, Back };
  News answered(Deadline now) noexcept;
  News fell_back(Deadline now) noexcept;
  /// Whether an answer may be news; most are not, and need no look at the clock.
  bool is_away() const noexcept { return away_.load(std::memory_order_relaxed); }
  /// How many calls did.
  std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

  /// Why the cluster may have refused who is calling: it refuses what is signed by a wrong clock, and does
  /// not say what time it is. Ask: find out from the table's service, which does; said once a minute.
  enum class Suspect : std::uint8_t { Credentials, CorrectedClock, Ask };
  Suspect suspect(Deadline now) noexcept;
  /// It turned out to be wrong. For a while, refusals of what was signed before may still come.
  void corrected_clock(Deadline now) noexcept;

 private:
  std::chrono::milliseconds quiet_;
  std::atomic<bool> away_{false};
  std::atomic<Deadline> back_from_{Deadline::min()};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<Deadline> ask_due_{Deadline::min()};
  std::atomic<Deadline> corrected_until_{Deadline::min()};
};

}  // namespace loopstate::engines
