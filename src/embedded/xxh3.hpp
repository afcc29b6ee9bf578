// XXH3 (64 bits) in the widest instructions that the processor has: several times as fast over a large item
// as in those that every x86-64 has.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loopstate::embedded::xxh3 {

std::uint64_t hash(const void* bytes, std::size_t size);
std::uint64_t hash(const void* bytes, std::size_t size, std::uint64_t seed);

/// The same answer by other instructions. To be called only where the processor has them.
struct Kernel {
  const char* name;
  bool (*runs_here)();
  std::uint64_t (*hash)(const void* bytes, std::size_t size);
};

// Each in a source of its own, which is compiled for its processor and must hold nothing else: what it shared
// with others, such as a function of a standard header, might be taken from it by the linker. On other
// processors than x86-64 there are none.
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
