// What protects an item's bytes from changes made outside the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "embedded/encoding.hpp"
#include "table/value.hpp"

namespace loopstate::embedded {

inline constexpr std::size_t kChecksumBytes = 8;

/// XXH3 (64 bits) over the encoded key and the bytes of a value.
std::uint64_t checksum_of(std::string_view key, std::string_view bytes);

/// What an item's record holds: the checksum, little-endian, and the encoded attributes.
std::string encode_record(std::string_view key, const table::Attributes& attributes);

/// The checksum that a record states, right or wrong; 0 if the record is too short to state one.
std::uint64_t checksum_in(std::string_view record);

/// Nothing if the record is as it was written under this key.
const char* fault_of_record(std::string_view key, std::string_view record);

/// The attributes, once the checksum has been verified. Safe for any bytes at all.
std::expected<table::Attributes, DecodeFault> decode_record(std::string_view key, std::string_view record);

}  // namespace loopstate::embedded
