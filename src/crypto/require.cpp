#include "crypto/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace loopstate::crypto {

void require(bool ok, const char* what) noexcept {
  if (ok) return;
  std::fprintf(stderr, "loopstate: OpenSSL failed: %s; stopping\n", what);
  std::abort();
}

}  // namespace loopstate::crypto
