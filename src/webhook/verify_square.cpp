#include <fmt/format.h>

#include "crypto/equal.hpp"
#include "webhook/signature_header.hpp"
#include "webhook/signing.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {

Checked<void> verify_square(const Delivery& delivery, std::span<const UrlSecret> keys) {
  const auto signature = only_header(delivery, kSquareSignatureHeader);
  if (!signature) {
    if (signature.error().kind == RefusalKind::MissingHeader && delivery.headers.find("x-square-signature")) {
      return refuse(RefusalKind::MissingHeader,
                    fmt::format("only the old header x-square-signature (SHA-1) is present; expected {}",
                                kSquareSignatureHeader));
    }
    return std::unexpected(signature.error());
  }
  if (delivery.body.empty()) return refuse(RefusalKind::BadSignature, "the body is empty");
  bool good = false;
  for (const auto& key : keys) {
    if (key.secret.empty() || key.url.empty()) continue;
    const auto expected = square_signature(key.secret.reveal(), key.url, delivery.body);
    good |= crypto::constant_time_equal(expected, *signature);
  }
  if (good) return {};
  return refuse(RefusalKind::BadSignature,
                fmt::format("no Square signature key of {} made this signature; the key belongs to one "
                            "subscription, and the notification URL must be the text registered in it",
                            keys.size()));
}

}  // namespace loopstate::webhook
