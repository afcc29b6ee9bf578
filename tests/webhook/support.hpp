// What the tests of this folder share: payloads, settings, and deliveries signed as the providers sign them.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "crypto/hmac.hpp"
#include "crypto/secret.hpp"
#include "times.hpp"
#include "webhook/process.hpp"
#include "webhook/signing.hpp"

namespace loopstate::webhook::testing_support {

inline constexpr std::int64_t kNowMs = 1'795'600'000'250;  // 2026-11-25
inline constexpr std::string_view kSquareKey = "invented-square-key";
inline constexpr std::string_view kSquareUrl = "https://example.com/webhooks/square";
inline constexpr std::string_view kStripeSecret = "whsec_invented";
inline constexpr std::string_view kFidelUrl = "https://example.com/webhooks/fidel";
inline constexpr std::string_view kPepper = "an invented pepper of 32 bytes..";

inline crypto::Secret secret(std::string_view text) {
  return crypto::Secret::copy_of(text);
}

inline std::string_view fidel_secret(FidelKind kind) {
  constexpr std::string_view secrets[] = {"fidel-auth", "fidel-clearing", "fidel-refund",
                                          "fidel-card-linked"};
  return secrets[static_cast<std::size_t>(kind)];
}

inline WebhookSettings all_on() {
  WebhookSettings settings;
  settings.square.push_back({secret(kSquareKey), std::string(kSquareUrl)});
  settings.stripe.push_back(secret(kStripeSecret));
  for (const auto kind : {FidelKind::Auth, FidelKind::Clearing, FidelKind::Refund, FidelKind::CardLinked}) {
    settings.fidel.push_back({kind, {secret(fidel_secret(kind)), std::string(kFidelUrl)}});
  }
  settings.pepper = secret(kPepper);
  // The payloads are those of test modes.
  settings.test_payments = TestPayments::Accept;
  return settings;
}

/// A payload of tests/fixtures/webhooks.
inline std::string payload(std::string_view name) {
  std::ifstream file(std::string(LOOPSTATE_FIXTURES) + "/webhooks/" + std::string(name) + ".json",
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `text` with every `from` replaced; there must be one.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  EXPECT_TRUE(text.contains(from)) << from;
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline Delivery square_delivery(std::string body) {
  const auto signature = square_signature(kSquareKey, kSquareUrl, body);
  return {Provider::Square, {{kSquareSignatureHeader, signature}}, std::move(body), kNowMs};
}

inline Delivery stripe_delivery(std::string body, Timestamp signed_at = from_unix_seconds(kNowMs / 1000)) {
  const auto header = stripe_signature_header(kStripeSecret, signed_at, body);
  return {Provider::Stripe, {{kStripeSignatureHeader, header}}, std::move(body), kNowMs};
}

inline Delivery fidel_delivery(FidelKind kind, std::string body, std::int64_t signed_at_ms = kNowMs) {
  const auto timestamp = std::to_string(signed_at_ms);
  const auto signature = fidel_signature(fidel_secret(kind), kFidelUrl, timestamp, body);
  return {Provider::Fidel,
          {{kFidelSignatureHeader, signature}, {kFidelTimestampHeader, timestamp}},
          std::move(body),
          kNowMs};
}

/// The delivery, which must be of that kind, as it is read with everything switched on.
template <typename T>
T accepted(Delivery delivery) {
  auto event = process(std::move(delivery), all_on());
  if (!event) throw std::runtime_error("refused: " + event.error().message);
  if (const auto* ignored = std::get_if<Ignored>(&*event); ignored && !std::is_same_v<T, Ignored>) {
    throw std::runtime_error("ignored: " + ignored->reason);
  }
  return std::get<T>(std::move(*event));
}

/// The refusal; `kind` SwitchedOff never comes from here.
inline Refusal refused(Delivery delivery) {
  auto event = process(std::move(delivery), all_on());
  return event ? Refusal{RefusalKind::SwitchedOff, "it was accepted"} : event.error();
}

inline std::string fingerprint_text(std::string_view card_id) {
  return "loop_fp_" + crypto::hex(crypto::hmac_sha256(kPepper, card_id));
}

}  // namespace loopstate::webhook::testing_support
