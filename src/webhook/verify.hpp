// Who sent this? Signatures over the raw bytes, checked before anything in the body is read.
#pragma once

#include <cstdint>
#include <span>

#include "crypto/secret.hpp"
#include "loopstate/webhook_delivery.hpp"
#include "webhook/refusal.hpp"
#include "webhook/settings.hpp"

namespace loopstate::webhook {

/// How far a signed timestamp may be from ours.
inline constexpr std::int64_t kToleranceMs = 300'000;

// Every secret is tried, and each comparison takes the same time whatever matches. An empty secret never
// verifies anything. Refusals: MissingHeader, MalformedHeader, BadSignature, StaleTimestamp.

/// Square signs no time: a delivery may be repeated for as long as its key is valid, and the payment's id is
/// what keeps it from counting twice.
Checked<void> verify_square(const Delivery& delivery, std::span<const UrlSecret> keys);

/// Any `v1` in the header may match any secret, since both sides keep two while one is being rolled; other
/// schemes are ignored. A timestamp may be 300 s old; one in the future passes, as in Stripe's own libraries.
/// Returns the time that was signed.
Checked<Timestamp> verify_stripe(const Delivery& delivery, std::span<const crypto::Secret> secrets);

/// Returns the kind of event: the one whose secret verifies. The timestamp may be 300 s off in either
/// direction.
Checked<FidelKind> verify_fidel(const Delivery& delivery, std::span<const FidelSecret> secrets);

}  // namespace loopstate::webhook
