// The time up to which what has expired may be removed for good. Removal cannot be undone, so it follows
// time that is known to have passed, and never one process's wall clock.
#pragma once

#include <chrono>
#include <optional>

#include "loopstate/clock.hpp"

namespace loopstate::embedded {

/// What has expired is removed no sooner than this much later: room for clocks that differ.
inline constexpr std::chrono::seconds kExpiredKept = std::chrono::days(7);
/// The same for request tokens, which live for ten minutes.
inline constexpr std::chrono::seconds kTokensKept = std::chrono::days(1);

/// One process's part in moving the file's watermark, the second up to which time is known to have passed for
/// everybody. The watermark follows these rules:
///  - It is never above the clock of whoever looks: if a wrong clock set it, the next right clock pulls it
///    back.
///  - It advances by no more than the time this process itself has seen pass, by a clock that nobody can set.
///  - If this process's wall clock has agreed with that one for an hour, it catches up 24 times as fast (the
///    file lay idle), and may begin a file's first watermark; after a day it is the present.
/// So a process whose clock is wrong moves nothing beyond the right time within an hour.
///
/// Makes decisions without file or clock; not thread-safe.
class Watermark {
 public:
  struct Seen {
    std::optional<Timestamp> stored;  ///< the file's watermark
    Timestamp now{};                  ///< by the wall clock
    std::chrono::seconds passed{0};   ///< by the clock that only moves forward
  };
  /// What the file's watermark should be from now on.
  std::optional<Timestamp> advance(const Seen& seen);

 private:
  struct Anchor {
    Timestamp mark{};
    std::chrono::seconds passed{0};
  };
  std::chrono::seconds agreed_for(const Seen& seen);

  std::optional<std::chrono::seconds> offset_;  ///< wall clock minus the other, when the two began to agree
  std::chrono::seconds agreed_since_{0};
  std::optional<Anchor> anchor_;  ///< where counting began
  bool trusted_ = false;          ///< at the anchor
};

}  // namespace loopstate::embedded
