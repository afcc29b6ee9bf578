// A provider's card id, made unrecognisable.
#pragma once

#include <string_view>

#include "crypto/secret.hpp"
#include "loopstate/names.hpp"

namespace loopstate::webhook {

/// "loop_fp_" and the hex of HMAC-SHA256 under the pepper. The card id is overwritten before this returns.
/// Square, Stripe and Fidel each know one card by their own id: each is linked separately.
Fingerprint card_fingerprint(crypto::Secret card_id, const crypto::Secret& pepper);

/// Whether a text has the form of one.
bool is_card_fingerprint(std::string_view text) noexcept;

}  // namespace loopstate::webhook
