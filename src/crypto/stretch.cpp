#include "crypto/stretch.hpp"

#include <openssl/evp.h>

#include "crypto/require.hpp"

namespace loopstate::crypto {

Digest stretch(std::string_view secret, std::string_view salt, unsigned rounds) {
  Digest digest;
  const int done = PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()),
                                     static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(),
                                     static_cast<int>(digest.size()), digest.data());
  require(done == 1, "PBKDF2");
  return digest;
}

}  // namespace loopstate::crypto
