#include "embedded/xxh3.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace loopstate::embedded::xxh3 {
namespace {

/// Up to this length, no wide instructions are used.
constexpr std::size_t kShort = 240;

std::uint64_t hash_anywhere(const void* bytes, std::size_t size) {
  return XXH3_64bits(bytes, size);
}
bool everywhere() {
  return true;
}

#ifdef LOOPSTATE_WIDE_XXH3
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0;
}
/// Not on the first processors that had it, which lower their clock for it: those lack this feature.
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vbmi2") != 0;
}
constexpr Kernels kKernels{3,
                           {{"AVX-512", has_avx512, hash_avx512},
                            {"AVX2", has_avx2, hash_avx2},
                            {"any", everywhere, hash_anywhere}}};
#else
constexpr Kernels kKernels{1, {{"any", everywhere, hash_anywhere}, {}, {}}};
#endif

auto best() {
  std::size_t at = 0;
  while (!kKernels.all[at].runs_here()) ++at;
  return kKernels.all[at].hash;
}

const auto kWide = best();

}  // namespace

const Kernels& kernels() {
  return kKernels;
}

std::uint64_t hash(const void* bytes, std::size_t size) {
  if (size <= kShort) return XXH3_64bits(bytes, size);
  return kWide(bytes, size);
}

std::uint64_t hash(const void* bytes, std::size_t size, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes, size, seed);
}

std::array<std::uint8_t, 16> hash_128(const void* bytes, std::size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
  return std::to_array(canonical.digest);
}

}  // namespace loopstate::embedded::xxh3
