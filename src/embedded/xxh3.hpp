// XXH3 (64 bits) with the widest instructions that the processor has: several times as fast over a large item
// as with those common to every x86-64.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace loopstate::embedded::xxh3 {

std::uint64_t hash(const void* bytes, std::size_t size);
std::uint64_t hash(const void* bytes, std::size_t size, std::uint64_t seed);
/// 128 bits, in their canonical order of bytes.
std::array<std::uint8_t, 16> hash_128(const void* bytes, std::size_t size);

/// The same result with other instructions. To be called only on a processor that has them.
struct Kernel {
  const char* name;
  bool (*runs_here)();
  std::uint64_t (*hash)(const void* bytes, std::size_t size);
};

// Each in its own source, compiled for its processor, which must hold nothing else: the linker might take
// anything it shared with others, such as a function of a standard header, from it. On processors other
// than x86-64 there are none.
std::uint64_t hash_avx2(const void* bytes, std::size_t size);
std::uint64_t hash_avx512(const void* bytes, std::size_t size);

/// The best first; the last one runs everywhere.
inline constexpr std::size_t kMostKernels = 3;
struct Kernels {
  std::size_t count;
  Kernel all[kMostKernels];
};
const Kernels& kernels();

}  // namespace loopstate::embedded::xxh3
