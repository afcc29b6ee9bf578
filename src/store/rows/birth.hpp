// From when what is written lives, where the machine's clock may be behind.
#pragma once

#include <algorithm>

#include "loopstate/clock.hpp"

namespace loopstate::store {

/// 2100-01-01. What is told to be later is no time in seconds.
inline constexpr Timestamp kNoSuchTime{std::chrono::seconds{4'102'444'800}};

/// What was told to have happened by `told` (`Timestamp{}`: nobody said when) cannot be written before it.
/// Where `now` is earlier, this clock is behind, and a lifetime counted from it could be over at birth by the
/// right clock.
constexpr Timestamp born_at(Timestamp now, Timestamp told) noexcept {
  return told < kNoSuchTime ? std::max(now, told) : now;
}

}  // namespace loopstate::store
