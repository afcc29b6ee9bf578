// An item's attributes as bytes: docs/embedded-format.md describes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::embedded {

/// The first byte of every value; a decoder refuses any other.
inline constexpr std::uint8_t kEncodingVersion = 1;

/// Maps and lists nest at most this deep, as DynamoDB allows.
inline constexpr int kMaxDepth = 32;

/// Written after `room` bytes, which the caller fills in.
std::string encode(const table::Attributes& attributes, std::size_t room = 0);

/// Appends what `encode` makes of one attribute with this name and value.
void append_encoded(std::string& out, std::string_view name, const table::Value& value);

/// Where the bytes stop making sense, and why.
struct DecodeFault {
  std::size_t at = 0;
  const char* reason = "";
};

/// One pass; safe for any bytes at all.
std::expected<table::Attributes, DecodeFault> decode(std::string_view bytes);

/// CorruptItem that names the item by its encoded key.
Error corrupt_item(std::string_view key, const DecodeFault& fault);

}  // namespace loopstate::embedded
