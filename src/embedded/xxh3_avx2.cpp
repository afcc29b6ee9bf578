#include "embedded/xxh3.hpp"

#ifdef __AVX2__
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace loopstate::embedded::xxh3 {

std::uint64_t hash_avx2(const void* bytes, std::size_t size) {
  return XXH3_64bits(bytes, size);
}

}  // namespace loopstate::embedded::xxh3
#endif
