// Deliveries from payment providers: whether one is authentic, and what it means.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/webhook_delivery.hpp"
#include "loopstate/webhook_event.hpp"
#include "loopstate/webhook_refusal.hpp"

namespace loopstate::webhook {

struct WebhookSettings;

/// Verifies and reads the deliveries of Square, Stripe and Fidel. It needs no store and makes no requests. A
/// copy shares the secrets, which never change and are overwritten when the last copy goes: any number of
/// threads may use one at a time.
class Receiver {
 public:
  /// STRIPE_WEBHOOK_SECRET; SQUARE_WEBHOOK_SIGNATURE_KEY with SQUARE_WEBHOOK_URL;
  /// FIDEL_WEBHOOK_SECRET_{AUTH,CLEARING,REFUND,CARD_LINKED} with FIDEL_WEBHOOK_URL; LOOPSTATE_PEPPER, the
  /// key for the fingerprints of cards (base64, 32 bytes or more). Each secret and URL may be a
  /// comma-separated list: equal numbers of secrets and URLs pair up in order, and a single one pairs with
  /// all of the other list. Each may instead be given as a file, under its name followed by _FILE. URLs
  /// must be exactly those registered with the provider.
  ///
  /// LOOPSTATE_ACCEPT_TEST_PAYMENTS: 1 treats payments from a test mode or sandbox as money; with 0, the
  /// default, each is a TestPayment.
  ///
  /// A secret that is missing or empty, or has an empty element in its list, switches its provider (Fidel:
  /// its kind of event) off and adds a notice; a missing pepper does so for all of them. Secrets kept
  /// elsewhere come in through `environment`, which is asked for these names and only during the call.
  ///
  /// InvalidArgument: a variable and its file are both set, lists differ in length, the pepper is not base64
  /// or too short, LOOPSTATE_ACCEPT_TEST_PAYMENTS is neither 0 nor 1, or two kinds of Fidel events have one
  /// secret. StorageFailure: a file cannot be read.
  static Result<Receiver> from_environment(const Environment& environment = process_environment());

  // A move copies: what a receiver was moved from is still that receiver.
  Receiver(const Receiver&) = default;
  Receiver& operator=(const Receiver&) = default;
  Receiver(Receiver&& other) noexcept
      : settings_(other.settings_) {}  // NOLINT(performance-move-constructor-init)
  Receiver& operator=(Receiver&& other) noexcept { return *this = static_cast<const Receiver&>(other); }
  ~Receiver() = default;

  /// Whether deliveries of the provider can be verified.
  bool is_on(Provider provider) const noexcept;

  /// What is switched off and why, one sentence each, for the log.
  const std::vector<std::string>& notices() const noexcept;

  /// Verifies the signature over the raw body, and only then reads it. A refusal has a reason that says
  /// whether another delivery may help (RefusalKind). No clock is read: `received_at_ms` says when the
  /// delivery arrived, and one older than its provider allows is refused. The body, which names the card,
  /// is overwritten before this returns.
  Checked<Event> read(Delivery delivery) const;

 private:
  explicit Receiver(std::shared_ptr<const WebhookSettings> settings);

  std::shared_ptr<const WebhookSettings> settings_;
};

}  // namespace loopstate::webhook
