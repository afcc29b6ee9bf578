// The signatures as the providers make them. Verifying makes the same signature and compares; tests, examples
// and the demonstration sign with these.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/clock.hpp"

namespace loopstate::webhook {

// Header names; compared case-insensitively.
inline constexpr std::string_view kSquareSignatureHeader = "x-square-hmacsha256-signature";
/// "Sandbox" or "Production"; not covered by the signature.
inline constexpr std::string_view kSquareEnvironmentHeader = "square-environment";
inline constexpr std::string_view kStripeSignatureHeader = "Stripe-Signature";
inline constexpr std::string_view kFidelSignatureHeader = "x-fidel-signature";
inline constexpr std::string_view kFidelTimestampHeader = "x-fidel-timestamp";

/// Base64 of HMAC-SHA256 over the registered URL followed by the body. `key` is the subscription's signature
/// key as text. Source: Square's webhook documentation, "Validate notifications".
std::string square_signature(std::string_view key, std::string_view url, std::string_view body);

/// 64 lower-case hexadecimal digits of HMAC-SHA256 over the timestamp's text, a full stop and the body.
/// `secret` is the whole "whsec_..." text. Source: docs.stripe.com/webhooks, "Verify manually".
std::string stripe_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

/// The header with one scheme: "t=<seconds since 1970>,v1=<signature>".
std::string stripe_signature_header(std::string_view secret, Timestamp signed_at, std::string_view body);

/// Base64 of HMAC-SHA256 over the base64 text of HMAC-SHA256 over body, registered URL and timestamp, which
/// is the text of Unix milliseconds. Source: Fidel's documentation, "Webhooks", "Signature".
std::string fidel_signature(std::string_view secret, std::string_view url, std::string_view timestamp,
                            std::string_view body);

}  // namespace loopstate::webhook
