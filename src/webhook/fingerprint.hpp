// A provider's card id, made unrecognisable.
#pragma once

#include <optional>
#include <string_view>

#include "crypto/secret.hpp"
#include "loopstate/names.hpp"

namespace loopstate::webhook {

/// "loop_fp_" and the hex of HMAC-SHA256 under the pepper. The card id is overwritten before this returns.
/// Square, Stripe and Fidel each know one card by their own id: each is linked separately.
Fingerprint card_fingerprint(crypto::Secret card_id, const crypto::Secret& pepper);

/// Whether a text has the form of one.
bool is_card_fingerprint(std::string_view text) noexcept;

/// The pepper in use and, while one is being replaced, the one before it. Refers to both.
class Peppers {
 public:
  Peppers(const crypto::Secret& current) noexcept : current_(&current) {}  // NOLINT: implicit
  /// An empty `previous` is none.
  Peppers(const crypto::Secret& current, const crypto::Secret& previous) noexcept
      : current_(&current), previous_(previous.empty() ? nullptr : &previous) {}

  const crypto::Secret& current() const noexcept { return *current_; }
  /// Null if there is none.
  const crypto::Secret* previous() const noexcept { return previous_; }

 private:
  const crypto::Secret* current_;
  const crypto::Secret* previous_ = nullptr;
};

struct CardFingerprints {
  Fingerprint current = {};
  std::optional<Fingerprint> previous = {};  ///< under the pepper before, if there is one
};

/// The same under each of the peppers.
CardFingerprints card_fingerprints(crypto::Secret card_id, Peppers peppers);

}  // namespace loopstate::webhook
