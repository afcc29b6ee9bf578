#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <climits>

#include "crypto/require.hpp"

namespace loopstate::crypto {

void random_bytes(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = std::min<std::size_t>(bytes.size(), INT_MAX);
    require(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1,
            "random bytes");
    bytes = bytes.subspan(count);
  }
}

std::string random_text(std::size_t count) {
  std::string text(count, '\0');
  random_bytes(std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace loopstate::crypto
