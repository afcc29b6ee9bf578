#include "webhook/pepper_check.hpp"

#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "crypto/stretch.hpp"

namespace loopstate::webhook {
namespace {

constexpr unsigned kRounds = 100'000;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kCheckDigits = 8;
constexpr std::string_view kLabel = "loopstate pepper check 1:";

}  // namespace

std::string new_pepper_salt() {
  return crypto::hex(crypto::sha256(crypto::random_text(kSaltBytes))).substr(0, 2 * kSaltBytes);
}

std::string pepper_check(const crypto::Secret& pepper, std::string_view salt) {
  const auto digest = crypto::stretch(pepper.reveal(), std::string(kLabel) + std::string(salt), kRounds);
  return crypto::hex(digest).substr(0, kCheckDigits);
}

}  // namespace loopstate::webhook
