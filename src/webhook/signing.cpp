#include "webhook/signing.hpp"

#include <fmt/format.h>

#include <span>

#include "base/timestamp.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

namespace loopstate::webhook {
namespace {

std::string base64_hmac(std::string_view key, std::span<const std::string_view> parts) {
  return crypto::base64_encode(crypto::as_text(crypto::hmac_sha256(key, parts)));
}

}  // namespace

std::string square_signature(std::string_view key, std::string_view url, std::string_view body) {
  const std::string_view parts[] = {url, body};
  return base64_hmac(key, parts);
}

std::string stripe_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  const std::string_view parts[] = {timestamp, ".", body};
  return crypto::hex(crypto::hmac_sha256(secret, parts));
}

std::string stripe_signature_header(std::string_view secret, Timestamp signed_at, std::string_view body) {
  const auto text = std::to_string(unix_seconds(signed_at));
  return fmt::format("t={},v1={}", text, stripe_signature(secret, text, body));
}

std::string fidel_signature(std::string_view secret, std::string_view url, std::string_view timestamp,
                            std::string_view body) {
  const std::string_view parts[] = {body, url, timestamp};
  const auto inner = base64_hmac(secret, parts);
  const std::string_view inner_parts[] = {inner};
  return base64_hmac(secret, inner_parts);
}

}  // namespace loopstate::webhook
