#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "crypto/equal.hpp"
#include "webhook/signature_header.hpp"
#include "webhook/signing.hpp"
#include "webhook/verify.hpp"

namespace loopstate::webhook {
namespace {

// Stripe sends one for each active secret, of which there are two at most.
constexpr std::size_t kSignaturesMax = 16;

struct SignatureHeader {
  std::string_view timestamp;  // as sent, since the text is what was signed
  std::int64_t timestamp_s = 0;
  std::vector<std::string_view> signatures;
};

std::unexpected<Refusal> malformed(std::string_view what) {
  return refuse(RefusalKind::MalformedHeader, fmt::format("header {} {}", kStripeSignatureHeader, what));
}

Checked<SignatureHeader> parse(std::string_view header) {
  SignatureHeader parsed;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    const auto part = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = part.find('=');
    if (equals == part.npos) continue;
    const auto name = part.substr(0, equals);
    const auto value = part.substr(equals + 1);
    if (name == "t") {
      if (!parsed.timestamp.empty()) return malformed("has two timestamps");
      const auto seconds = timestamp_from(value);
      if (!seconds) return malformed("has a timestamp t that is not Unix seconds");
      parsed.timestamp = value;
      parsed.timestamp_s = *seconds;
    } else if (name == "v1") {
      if (parsed.signatures.size() == kSignaturesMax) return malformed("has more than 16 signatures");
      parsed.signatures.push_back(value);
    }
  }
  if (parsed.timestamp.empty()) return malformed("has no timestamp t");
  if (parsed.signatures.empty()) return malformed("has no signature of the scheme v1");
  return parsed;
}

}  // namespace

Checked<Timestamp> verify_stripe(const Delivery& delivery, std::span<const crypto::Secret> secrets) {
  TRY(const auto header, only_header(delivery, kStripeSignatureHeader));
  TRY(const auto parsed, parse(header));
  if (delivery.body.empty()) return refuse(RefusalKind::BadSignature, "the body is empty");

  bool good = false;
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    const auto expected = stripe_signature(secret.reveal(), parsed.timestamp, delivery.body);
    for (const auto signature : parsed.signatures) good |= crypto::constant_time_equal(expected, signature);
  }
  if (!good) {
    return refuse(RefusalKind::BadSignature,
                  fmt::format("none of the {} signatures was made with any of the {} Stripe secrets",
                              parsed.signatures.size(), secrets.size()));
  }
  // After the signature, so that the log line is about Stripe's clock or ours, never about a forgery.
  const auto age_ms = delivery.received_at_ms - parsed.timestamp_s * 1000;
  if (age_ms > kToleranceMs) {
    return refuse(
        RefusalKind::StaleTimestamp,
        fmt::format("Stripe signed {} s ago; at most {} s are accepted", age_ms / 1000, kToleranceMs / 1000));
  }
  return from_unix_seconds(parsed.timestamp_s);
}

}  // namespace loopstate::webhook
