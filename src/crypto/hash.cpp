#include "crypto/hash.hpp"

#include <openssl/evp.h>

#include "crypto/require.hpp"

namespace loopstate::crypto {
namespace {

// Fetched once: a fetch costs more than hashing a short text.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

EVP_MD_CTX* as_context(void* context) {
  return static_cast<EVP_MD_CTX*>(context);
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

void Sha256::Free::operator()(void* context) const noexcept {
  EVP_MD_CTX_free(as_context(context));
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && EVP_DigestInit_ex2(as_context(context_.get()), algorithm(), nullptr) == 1,
          "SHA-256");
}

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(as_context(context_.get()), bytes.data(), bytes.size()) == 1, "SHA-256");
}

Digest Sha256::finish() {
  Digest digest;
  unsigned size = 0;
  auto* const context = as_context(context_.get());
  require(EVP_DigestFinal_ex(context, digest.data(), &size) == 1 && size == digest.size() &&
              EVP_DigestInit_ex2(context, nullptr, nullptr) == 1,
          "SHA-256");
  return digest;
}

Digest sha256(std::span<const std::string_view> parts) {
  thread_local Sha256 hash;
  for (const auto part : parts) hash.update(part);
  return hash.finish();
}

Digest sha256(std::string_view bytes) {
  return sha256(std::span(&bytes, 1));
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  char* at = text.data();
  for (const auto byte : bytes) {
    *at++ = digits[byte >> 4];
    *at++ = digits[byte & 15];
  }
  return text;
}

std::optional<Digest> digest_from_hex(std::string_view text) {
  Digest digest;
  if (text.size() != digest.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

}  // namespace loopstate::crypto
