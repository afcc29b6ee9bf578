// An agent over the reference model, with time standing still, and deliveries signed as the providers
// sign.
#pragma once

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "crypto/secret.hpp"
#include "port/model_table.hpp"
#include "port/runner.hpp"
#include "store/spine/store_access.hpp"
#include "times.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/process.hpp"
#include "webhook/signing.hpp"

namespace loopstate::agent {

inline constexpr Timestamp kNow{std::chrono::seconds{1'750'000'000}};  // 2025-06-15T15:06:40Z

class TestClock final : public Clock {
 public:
  Timestamp now() const override { return now_.load(); }
  void advance(std::chrono::seconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Timestamp> now_{kNow};
};

/// Waiting takes no time but moves the clock. Without jitter: the longest wait each time.
class TestPacer final : public async::Pacer {
 public:
  Deadline now() const override { return Deadline(std::chrono::milliseconds(elapsed_ms_.load())); }
  Task<void> wait(std::chrono::milliseconds duration) const override {
    elapsed_ms_ += duration.count();
    ++waits_;
    co_return;
  }
  double random() const override { return 1; }

  std::size_t waits() const { return waits_.load(); }
  std::chrono::milliseconds waited() const { return std::chrono::milliseconds(elapsed_ms_.load() - kStart); }

 private:
  // The rules below compare deadlines with the machine's clock, so this is far ahead of it.
  static constexpr std::int64_t kStart = 4'000'000'000'000;
  mutable std::atomic<std::int64_t> elapsed_ms_{kStart};
  mutable std::atomic<std::size_t> waits_{0};
};

inline constexpr std::string_view kSquareKey = "square-signature-key";
inline constexpr std::string_view kSquareUrl = "https://example.com/webhooks/square";
inline constexpr std::string_view kStripeSecret = "whsec_test";
inline constexpr std::string_view kFidelUrl = "https://example.com/webhooks/fidel";
inline constexpr std::string_view kPepper = "0123456789abcdef0123456789abcdef";

inline std::string_view fidel_secret(webhook::FidelKind kind) {
  switch (kind) {
    case webhook::FidelKind::Auth:
      return "fidel-auth";
    case webhook::FidelKind::Clearing:
      return "fidel-clearing";
    case webhook::FidelKind::Refund:
      return "fidel-refund";
    case webhook::FidelKind::CardLinked:
      return "fidel-card-linked";
  }
  return "";
}

inline webhook::WebhookSettings test_settings() {
  using crypto::Secret;
  webhook::WebhookSettings settings;
  settings.square.push_back({Secret::copy_of(kSquareKey), std::string(kSquareUrl)});
  settings.stripe.push_back(Secret::copy_of(kStripeSecret));
  for (const auto kind : {webhook::FidelKind::Auth, webhook::FidelKind::Clearing, webhook::FidelKind::Refund,
                          webhook::FidelKind::CardLinked}) {
    settings.fidel.push_back({kind, {Secret::copy_of(fidel_secret(kind)), std::string(kFidelUrl)}});
  }
  settings.pepper = Secret::copy_of(kPepper);
  return settings;
}

/// Purchases of unknown cards do not wait, unless a test says so.
inline SettingsPtr settings_with(webhook::WebhookSettings webhooks, std::chrono::seconds keep_unknown = {}) {
  AgentSettings settings;
  settings.webhooks = std::move(webhooks);
  settings.keep_unknown = keep_unknown;
  return std::make_shared<const AgentSettings>(std::move(settings));
}

inline Fingerprint fingerprint_of(std::string_view card_id) {
  return webhook::card_fingerprint(crypto::Secret::copy_of(card_id), crypto::Secret::copy_of(kPepper));
}

// Bodies -------------------------------------------------------------------------------------------------

struct SquarePayment {
  std::string id = "pay1";
  std::string status = "COMPLETED";
  std::string card = "sq0-card";
  std::uint64_t amount = 1250;
  std::string currency = "EUR";
  std::string created_at = "2025-06-15T15:00:00.000Z";
  std::string event = "payment.updated";
  std::string told_at = "";  // when the event was made; empty: same as the payment
};

inline std::string square_payment(const SquarePayment& p) {
  return fmt::format(
      R"({{"merchant_id":"M1","type":"{}","event_id":"e1","created_at":"{}","data":{{"type":"payment","id":"{}",)"
      R"("object":{{"payment":{{"id":"{}","created_at":"{}","amount_money":{{"amount":{},"currency":"{}"}},)"
      R"("status":"{}","source_type":"CARD","location_id":"L1","card_details":{{"status":"CAPTURED",)"
      R"("card":{{"card_brand":"VISA","last_4":"4242","fingerprint":"{}"}}}}}}}}}}}})",
      p.event, p.told_at.empty() ? p.created_at : p.told_at, p.id, p.id, p.created_at, p.amount, p.currency,
      p.status, p.card);
}

inline std::string square_refund(std::string_view id, std::string_view payment, std::uint64_t amount) {
  return fmt::format(
      R"({{"merchant_id":"M1","type":"refund.updated","event_id":"e2","data":{{"type":"refund","id":"{0}",)"
      R"("object":{{"refund":{{"id":"{0}","status":"COMPLETED","payment_id":"{1}","created_at":)"
      R"("2025-06-15T15:05:00.000Z","amount_money":{{"amount":{2},"currency":"EUR"}}}}}}}}}})",
      id, payment, amount);
}

inline std::string stripe_charge(std::string_view id, std::string_view card, std::uint64_t amount) {
  return fmt::format(
      R"({{"id":"evt_1","object":"event","type":"charge.succeeded","created":{3},"livemode":true,"data":)"
      R"({{"object":{{"id":"{0}","object":"charge","amount":{2},"amount_captured":{2},"amount_refunded":0,)"
      R"("captured":true,"refunded":false,"paid":true,"status":"succeeded","currency":"eur","created":{3},)"
      R"("payment_method_details":{{"type":"card_present","card_present":{{"brand":"visa","last4":"4242",)"
      R"("fingerprint":"{1}"}}}}}}}}}})",
      id, card, amount, unix_seconds(kNow - 60s));
}

inline std::string fidel_transaction(std::string_view id, std::string_view card, std::string_view amount) {
  return fmt::format(
      R"({{"id":"{}","accountId":"a1","programId":"p1","created":"2025-06-15T15:00:00.000Z",)"
      R"("updated":"2025-06-15T15:00:00.000Z","datetime":"2025-06-15T16:00:00","amount":{},"currency":"EUR",)"
      R"("auth":true,"cleared":true,"card":{{"id":"{}","lastNumbers":"4242","scheme":"visa"}},)"
      R"("brand":{{"id":"B1","name":"Corner Café"}},"location":{{"id":"L1"}}}})",
      id, amount, card);
}

inline std::string fidel_card_linked(std::string_view card, std::string_view user) {
  return fmt::format(
      R"({{"id":"{}","accountId":"a1","programId":"p1","scheme":"visa","type":"visa","lastNumbers":"4242",)"
      R"("live":true,"created":"2025-06-15T15:00:00.000Z","metadata":{{"user_pubkey":"{}"}}}})",
      card, user);
}

// Deliveries ---------------------------------------------------------------------------------------------

inline webhook::Delivery square(std::string body, Timestamp now = kNow) {
  webhook::Delivery delivery;
  delivery.provider = webhook::Provider::Square;
  delivery.headers.add(webhook::kSquareSignatureHeader,
                       webhook::square_signature(kSquareKey, kSquareUrl, body));
  delivery.body = std::move(body);
  delivery.received_at_ms = unix_seconds(now) * 1000;
  return delivery;
}

inline webhook::Delivery stripe(std::string body, Timestamp now = kNow) {
  webhook::Delivery delivery;
  delivery.provider = webhook::Provider::Stripe;
  delivery.headers.add(webhook::kStripeSignatureHeader,
                       webhook::stripe_signature_header(kStripeSecret, now, body));
  delivery.body = std::move(body);
  delivery.received_at_ms = unix_seconds(now) * 1000;
  return delivery;
}

inline webhook::Delivery fidel(webhook::FidelKind kind, std::string body, Timestamp now = kNow) {
  webhook::Delivery delivery;
  delivery.provider = webhook::Provider::Fidel;
  const auto timestamp = fmt::format("{}", unix_seconds(now) * 1000);
  delivery.headers.add(webhook::kFidelSignatureHeader,
                       webhook::fidel_signature(fidel_secret(kind), kFidelUrl, timestamp, body));
  delivery.headers.add(webhook::kFidelTimestampHeader, timestamp);
  delivery.body = std::move(body);
  delivery.received_at_ms = unix_seconds(now) * 1000;
  return delivery;
}

// The agent ----------------------------------------------------------------------------------------------

class AgentTest : public testing::Test {
 protected:
  Answer handle(webhook::Delivery delivery) {
    return runner.run(agent->handle(std::move(delivery), "r1", Deadline::max()));
  }

  void link(std::string_view card_id, std::string_view user) {
    const auto linked = runner.run(store.link(fingerprint_of(card_id), *UserId::parse(user), "4242"));
    ASSERT_TRUE(linked) << linked.error().message;
  }

  Snapshot snapshot(std::string_view user) {
    auto found = runner.run(store.snapshot(*UserId::parse(user)));
    return found ? std::move(*found) : Snapshot{};
  }

  std::vector<std::string> log_lines() {
    const std::lock_guard lock(log_mutex);
    return lines;
  }

  RecorderOptions options() {
    RecorderOptions made;
    made.clock = &clock;
    made.pacer = &pacer;
    return made;
  }

  std::shared_ptr<Agent> make_agent() {
    auto logger = log::Logger::to_sink({log::Format::Json, log::Level::Info},
                                       [this](log::Level, std::string_view line) {
                                         const std::lock_guard lock(log_mutex);
                                         lines.emplace_back(line);
                                       });
    return std::make_shared<Agent>(store, settings_with(test_settings()), options(), logger);
  }

  void pass_a_second() { runner.run(pacer.wait(std::chrono::milliseconds(1'001))); }

  table::Runner runner{4};
  TestClock clock;
  TestPacer pacer;
  std::shared_ptr<table::ModelTable> model = std::make_shared<table::ModelTable>();
  Store store = store::store_over(model, StoreSettings{}, clock);
  std::mutex log_mutex;
  std::vector<std::string> lines;
  std::shared_ptr<Agent> agent = make_agent();
};

}  // namespace loopstate::agent
