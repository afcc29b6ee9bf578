// The order of keys, which is LMDB's: by their bytes, a shorter one before those that it begins.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace loopstate::embedded::key_order {

/// Once: if the bytes are those of a mapped page, they may change while they are looked at.
template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  std::atomic_signal_fence(std::memory_order_acquire);
  return out;
}

/// Of words that differ.
inline int compare_words(std::uint64_t one, std::uint64_t other) {
  if constexpr (std::endian::native == std::endian::little) {
    one = __builtin_bswap64(one);
    other = __builtin_bswap64(other);
  }
  return one < other ? -1 : 1;
}

/// Below zero, zero or above zero. Without a call, since most keys that are compared differ in one of their
/// first words, and a search compares a dozen.
inline int compare(std::string_view one, std::string_view other) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::size_t common = std::min(one.size(), other.size());
  std::size_t at = 0;
  for (; at + kWord <= common; at += kWord) {
    const auto left = load<std::uint64_t>(one, at), right = load<std::uint64_t>(other, at);
    if (left != right) return compare_words(left, right);
  }
  if (common >= kWord) {
    // The rest, with bytes before it that are the same.
    at = common - kWord;
    const auto left = load<std::uint64_t>(one, at), right = load<std::uint64_t>(other, at);
    if (left != right) return compare_words(left, right);
  } else {
    for (; at < common; ++at) {
      const auto left = load<std::uint8_t>(one, at), right = load<std::uint8_t>(other, at);
      if (left != right) return left < right ? -1 : 1;
    }
  }
  return one.size() == other.size() ? 0 : one.size() < other.size() ? -1 : 1;
}

}  // namespace loopstate::embedded::key_order
