#include "crypto/wipe.hpp"

#include <openssl/crypto.h>

namespace loopstate::crypto {

void wipe(std::span<std::byte> bytes) noexcept {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates: spare capacity may hold what the text was before
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace loopstate::crypto
