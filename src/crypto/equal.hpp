// Compares secrets without revealing, by the time it takes, how much of them matched.
#pragma once

#include <string_view>

namespace loopstate::crypto {

/// Takes the same time for any contents of one length. The lengths themselves are not secret.
bool constant_time_equal(std::string_view left, std::string_view right) noexcept;

}  // namespace loopstate::crypto
