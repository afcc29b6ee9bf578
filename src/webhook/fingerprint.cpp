#include "webhook/fingerprint.hpp"

#include <utility>

#include "crypto/hmac.hpp"

namespace loopstate::webhook {

namespace {

constexpr std::string_view kPrefix = "loop_fp_";
constexpr std::size_t kHexDigits = 64;

}  // namespace

// By value: the caller gives it up, and it is overwritten along with the parameter.
Fingerprint card_fingerprint(crypto::Secret card_id, const crypto::Secret& pepper) {
  const auto digest = crypto::hmac_sha256(pepper.reveal(), card_id.reveal());
  return *Fingerprint::parse(std::string(kPrefix) + crypto::hex(digest));
}

bool is_card_fingerprint(std::string_view text) noexcept {
  return text.starts_with(kPrefix) && text.size() == kPrefix.size() + kHexDigits &&
         text.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

CardFingerprints card_fingerprints(crypto::Secret card_id, Peppers peppers) {
  CardFingerprints card;
  if (peppers.previous() != nullptr) card.previous = card_fingerprint(card_id.clone(), *peppers.previous());
  card.current = card_fingerprint(std::move(card_id), peppers.current());
  return card;
}

}  // namespace loopstate::webhook
