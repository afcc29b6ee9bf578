#include "dynamodb/crc32.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace loopstate::dynamodb {

namespace {

// Sixteen tables take sixteen bytes a step: Boost's checksum takes one, which is a tenth of a read's whole
// cost.
using Tables = std::array<std::array<std::uint32_t, 256>, 16>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0);
    tables[0][byte] = value;
  }
  for (std::size_t table = 1; table < tables.size(); ++table) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[table - 1][byte];
      tables[table][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xffffffff;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  if constexpr (std::endian::native == std::endian::little) {
    for (; left >= 16; at += 16, left -= 16) {
      std::uint64_t low = 0;
      std::uint64_t high = 0;
      std::memcpy(&low, at, 8);
      std::memcpy(&high, at + 8, 8);
      low ^= crc;
      crc = 0;
      for (std::size_t byte = 0; byte < 8; ++byte) {
        crc ^=
            kTables[15 - byte][(low >> (8 * byte)) & 0xff] ^ kTables[7 - byte][(high >> (8 * byte)) & 0xff];
      }
    }
  }
  for (; left > 0; ++at, --left) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff];
  }
  return ~crc;
}

}  // namespace loopstate::dynamodb
