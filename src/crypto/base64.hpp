// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopstate::crypto {

std::string base64_encode(std::string_view bytes);

/// Strict: padded to a multiple of four, no white space or line ends, no other alphabet, unused bits zero.
/// Nothing for any other text, so that two texts never decode to the same bytes.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace loopstate::crypto
