// The checksum in the service's `x-amz-crc32` header.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string_view>

namespace loopstate::dynamodb {

/// CRC-32 as IEEE 802.3 and zip use it. crc32("123456789") is 0xcbf43926.
inline std::uint32_t crc32(std::string_view bytes) noexcept {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace loopstate::dynamodb
