// From when on a written item lives, if the machine's clock may be behind.
#pragma once

#include <algorithm>

#include "loopstate/clock.hpp"

namespace loopstate::store {

/// 2100-01-01. A reported time later than this is not a time in seconds.
inline constexpr Timestamp kNoSuchTime{std::chrono::seconds{4'102'444'800}};

/// What is reported to have happened by `told` (`Timestamp{}`: not reported) cannot be written before it.
/// If `now` is earlier, this clock is behind, and a lifetime counted from it could be over from the start by
/// the right clock.
constexpr Timestamp born_at(Timestamp now, Timestamp told) noexcept {
  return told < kNoSuchTime ? std::max(now, told) : now;
}

}  // namespace loopstate::store
