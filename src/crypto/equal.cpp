#include "crypto/equal.hpp"

#include <openssl/crypto.h>

namespace loopstate::crypto {

bool constant_time_equal(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace loopstate::crypto
