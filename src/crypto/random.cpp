#include "crypto/random.hpp"

#include <sys/random.h>

#include <cerrno>

#include "crypto/require.hpp"

namespace loopstate::crypto {

void random_bytes(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    require(count > 0, "random bytes");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

std::string random_text(std::size_t count) {
  std::string text(count, '\0');
  random_bytes(std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace loopstate::crypto
