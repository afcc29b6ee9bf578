#include "webhook/fingerprint.hpp"

#include "crypto/hmac.hpp"

namespace loopstate::webhook {

// By value: the caller gives it up, and it is overwritten along with the parameter.
Fingerprint card_fingerprint(crypto::Secret card_id, const crypto::Secret& pepper) {
  const auto digest = crypto::hmac_sha256(pepper.reveal(), card_id.reveal());
  return *Fingerprint::parse("loop_fp_" + crypto::hex(digest));
}

}  // namespace loopstate::webhook
