// An item's key as LMDB holds it: `pk`, a NUL byte, `sk`. Neither part contains NUL, so a partition's
// items are adjacent, in the order of their sort keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::embedded {

/// LMDB's own limit, including the NUL byte.
inline constexpr std::size_t kMaxKeyBytes = 511;

/// Between the partition and the sort key.
inline constexpr char kKeySeparator = '\0';

/// InvalidArgument if a part is empty or contains NUL, or if both together exceed 510 bytes.
Result<std::string> encode_key(const table::Key& key);

/// The same, built in place for one look-up: a read allocates nothing for it.
class LookupKey {
 public:
  Result<void> set(const table::Key& key);
  std::string_view bytes() const { return {bytes_, size_}; }

 private:
  std::size_t size_ = 0;
  char bytes_[kMaxKeyBytes];  // only the first `size_` are ever written or read
};

/// Nothing if the bytes are not a key.
std::optional<table::Key> decode_key(std::string_view bytes);

/// The two parts as far as they exist; for bytes that are not a key, either may be empty.
table::Key parts_of(std::string_view bytes);

/// The partition of an encoded key (all of it if there is no NUL).
std::string_view partition_of(std::string_view bytes);

/// Whether the item of this encoded key belongs to that segment of a scan.
bool is_in_segment(std::string_view key, std::uint32_t segment, std::uint32_t segments);

/// How a message names an item.
std::string describe(const table::Key& key);
std::string describe_key(std::string_view bytes);

}  // namespace loopstate::embedded
