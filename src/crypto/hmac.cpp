#include "crypto/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/require.hpp"

namespace loopstate::crypto {
namespace {

// One context per thread, with its hash chosen once: fetching both for each call would cost several times the
// HMAC of a short text.
class Context {
 public:
  Context() {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    require(algorithm != nullptr, "HMAC");
    context_ = EVP_MAC_CTX_new(algorithm);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    require(context_ != nullptr && EVP_MAC_CTX_set_params(context_, params) == 1, "HMAC-SHA256");
  }
  ~Context() { EVP_MAC_CTX_free(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Digest compute(std::string_view key, std::span<const std::string_view> parts) {
    // A null key would mean "the previous one"; an empty key is still a key.
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
    bool ok = EVP_MAC_init(context_, bytes, key.size(), nullptr) == 1;
    for (const auto part : parts) {
      ok = ok &&
           EVP_MAC_update(context_, reinterpret_cast<const unsigned char*>(part.data()), part.size()) == 1;
    }
    Digest digest;
    std::size_t size = 0;
    ok = ok && EVP_MAC_final(context_, digest.data(), &size, digest.size()) == 1 && size == digest.size();
    // With an empty key, the context gives up its copy of the key, which OpenSSL overwrites.
    ok = ok && EVP_MAC_init(context_, reinterpret_cast<const unsigned char*>(""), 1, nullptr) == 1;
    require(ok, "HMAC-SHA256");
    return digest;
  }

 private:
  EVP_MAC_CTX* context_ = nullptr;
};

}  // namespace

Digest hmac_sha256(std::string_view key, std::span<const std::string_view> parts) {
  thread_local Context context;
  return context.compute(key, parts);
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac_sha256(key, std::span(&bytes, 1));
}

}  // namespace loopstate::crypto
