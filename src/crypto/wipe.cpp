#include "crypto/wipe.hpp"

#include <openssl/crypto.h>

#include <array>

namespace loopstate::crypto {

void wipe(std::span<std::byte> bytes) noexcept {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates: spare capacity may hold earlier contents
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

[[gnu::noinline]] void wipe_stack() noexcept {
  std::array<std::byte, std::size_t{32} << 10>
      below;  // NOLINT(cppcoreguidelines-pro-type-member-init): wiped at once
  OPENSSL_cleanse(below.data(), below.size());
}

}  // namespace loopstate::crypto
