// HMAC-SHA256 (RFC 2104).
#pragma once

#include <span>
#include <string_view>

#include "crypto/hash.hpp"

namespace loopstate::crypto {

/// Of one text, or of several, one after the other, without copying them together. Any key length, even
/// empty: callers that take keys from outside must refuse an empty one first. May be called from any thread.
Digest hmac_sha256(std::string_view key, std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::span<const std::string_view> parts);

}  // namespace loopstate::crypto
