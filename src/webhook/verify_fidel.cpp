#include <fmt/format.h>

#include <optional>

#include "base/try.hpp"
#include "crypto/equal.hpp"
#include "webhook/signature_header.hpp"
#include "webhook/signing.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {

Checked<FidelKind> verify_fidel(const Delivery& delivery, std::span<const FidelSecret> secrets) {
  TRY(const auto signature, only_header(delivery, kFidelSignatureHeader));
  TRY(const auto timestamp, only_header(delivery, kFidelTimestampHeader));
  const auto timestamp_ms = timestamp_from(timestamp);
  if (!timestamp_ms) {
    return refuse(RefusalKind::MalformedHeader,
                  fmt::format("header {} is not Unix milliseconds", kFidelTimestampHeader));
  }
  if (delivery.body.empty()) return refuse(RefusalKind::BadSignature, "the body is empty");

  std::optional<FidelKind> kind;
  for (const auto& [candidate, key] : secrets) {
    if (key.secret.empty() || key.url.empty()) continue;
    const auto expected = fidel_signature(key.secret.reveal(), key.url, timestamp, delivery.body);
    if (crypto::constant_time_equal(expected, signature)) kind = candidate;
  }
  if (!kind) {
    return refuse(
        RefusalKind::BadSignature,
        fmt::format("no Fidel secret of {} made this signature; each registered webhook has its own, "
                    "and the URL must be the text registered with it",
                    secrets.size()));
  }
  const auto age_ms = delivery.received_at_ms - *timestamp_ms;
  if (age_ms > kToleranceMs || age_ms < -kToleranceMs) {
    return refuse(RefusalKind::StaleTimestamp,
                  fmt::format("Fidel signed {} s before this arrived; at most {} s either way are accepted",
                              age_ms / 1000, kToleranceMs / 1000));
  }
  return *kind;
}

}  // namespace loopstate::webhook
