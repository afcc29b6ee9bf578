// PBKDF2-HMAC-SHA256 (RFC 8018): a value that takes long to compute from a secret, so that whoever has only
// the value cannot try many secrets against it.
#pragma once

#include <string_view>

#include "crypto/hash.hpp"

namespace loopstate::crypto {

/// About 0.2 us a round where the processor has instructions for SHA-256. May be called from any thread.
Digest stretch(std::string_view secret, std::string_view salt, unsigned rounds);

}  // namespace loopstate::crypto
