// Points and spans of time as tests write them: from_unix_seconds(100), 90s, 24h.
#pragma once

#include <chrono>

#include "base/timestamp.hpp"

namespace loopstate {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): for tests alone

}  // namespace loopstate
