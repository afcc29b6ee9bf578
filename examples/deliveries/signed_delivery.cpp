#include "signed_delivery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "webhook/signing.hpp"

namespace loopstate::demo {
namespace {

constexpr std::int64_t kLongAgoMs = 600'000;

std::unexpected<Error> no_secret(std::string_view provider) {
  return fail(ErrorCode::InvalidArgument, fmt::format("{} is switched off: set its secrets first", provider));
}

Result<void> add_square(const webhook::WebhookSettings& settings, SignedDelivery& delivery) {
  if (settings.square.empty()) return no_secret("square");
  const auto& key = settings.square.front();
  delivery.headers.emplace_back(webhook::kSquareSignatureHeader,
                                webhook::square_signature(key.secret.reveal(), key.url, delivery.body));
  return {};
}

Result<void> add_stripe(const webhook::WebhookSettings& settings, std::int64_t at_ms,
                        SignedDelivery& delivery) {
  if (settings.stripe.empty()) return no_secret("stripe");
  delivery.headers.emplace_back(
      webhook::kStripeSignatureHeader,
      webhook::stripe_signature_header(settings.stripe.front().reveal(),
                                       Timestamp(std::chrono::seconds(at_ms / 1000)), delivery.body));
  return {};
}

Result<void> add_fidel(const webhook::WebhookSettings& settings, webhook::FidelKind kind, std::int64_t at_ms,
                       SignedDelivery& delivery) {
  const auto found = std::ranges::find(settings.fidel, kind, &webhook::FidelSecret::kind);
  if (found == settings.fidel.end()) return no_secret("this kind of fidel event");
  const auto timestamp = std::to_string(at_ms);
  delivery.headers.emplace_back(
      webhook::kFidelSignatureHeader,
      webhook::fidel_signature(found->key.secret.reveal(), found->key.url, timestamp, delivery.body));
  delivery.headers.emplace_back(webhook::kFidelTimestampHeader, timestamp);
  return {};
}

// As a thief would: the first amount gets a 9 in front.
Result<void> tamper(std::string& body) {
  constexpr std::string_view amount = "\"amount\": ";
  const auto at = body.find(amount);
  if (at == body.npos) return fail(ErrorCode::InvalidArgument, "the body has no amount to tamper with");
  body.insert(at + amount.size(), "9");
  return {};
}

}  // namespace

Result<SignedDelivery> sign(const Step& step, std::string body, std::int64_t now_ms,
                            const webhook::WebhookSettings& settings) {
  SignedDelivery delivery{
      fmt::format("/webhooks/{}", webhook::to_string(step.provider)), {}, std::move(body)};
  delivery.headers.emplace_back("Content-Type", "application/json");
  const auto at_ms = step.signing == Signing::LongAgo ? now_ms - kLongAgoMs : now_ms;
  Result<void> added;
  switch (step.provider) {
    case webhook::Provider::Square:
      added = add_square(settings, delivery);
      break;
    case webhook::Provider::Stripe:
      added = add_stripe(settings, at_ms, delivery);
      break;
    case webhook::Provider::Fidel:
      added = add_fidel(settings, step.kind.value_or(webhook::FidelKind::Auth), at_ms, delivery);
      break;
  }
  if (!added) return std::unexpected(added.error());
  if (step.signing == Signing::Tampered) {
    if (const auto ok = tamper(delivery.body); !ok) return std::unexpected(ok.error());
  }
  return delivery;
}

}  // namespace loopstate::demo
