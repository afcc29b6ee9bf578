// How many items a file holds, and the sum of their checksums: these reveal when a whole part of it is
// missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loopstate::embedded {

struct Digest {
  std::uint64_t items = 0;
  std::uint64_t sum = 0;  ///< modulo 2^64

  void add(std::uint64_t checksum) {
    ++items;
    sum += checksum;
  }
  void remove(std::uint64_t checksum) {
    --items;
    sum -= checksum;
  }
  /// If either is a difference, so is the sum.
  void add(const Digest& other) {
    items += other.items;
    sum += other.sum;
  }
  friend bool operator==(const Digest&, const Digest&) = default;

  /// As the record `digest` of `meta` holds it: both numbers, little-endian.
  std::string encode() const;
  static std::optional<Digest> decode(std::string_view record);
};

inline constexpr std::string_view kDigestKey = "digest";

}  // namespace loopstate::embedded
