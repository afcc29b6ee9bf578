// Deliveries of payment providers: whether one is authentic, and what it means.
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

/// Verifies and reads the deliveries of Square, Stripe and Fidel. It needs no store and makes no request. A
/// copy shares the secrets, which are overwritten with the last copy and never change: any number of threads
/// may use one at a time.
class Receiver {
 public:
  /// STRIPE_WEBHOOK_SECRET; SQUARE_WEBHOOK_SIGNATURE_KEY with SQUARE_WEBHOOK_URL;
  /// FIDEL_WEBHOOK_SECRET_{AUTH,CLEARING,REFUND,CARD_LINKED} with FIDEL_WEBHOOK_URL; LOOPSTATE_PEPPER, the
  /// key of the fingerprints of cards (base64, 32 bytes or more). Each secret and URL may be a
  /// comma-separated list: as many secrets as URLs belong together in order, and a single one belongs to all
  /// of the other list. Each may instead be given as a file, by its name with _FILE. URLs are those that were
  /// registered with the provider, exactly.
  ///
  /// LOOPSTATE_ACCEPT_TEST_PAYMENTS: 1 counts what comes from a test mode or sandbox like money; with 0, the
  /// default, it is a TestPayment.
  ///
  /// A secret that is missing or empty, an empty element of a list included, switches its provider (its kind,
  /// for Fidel) off and adds a notice; so does a missing pepper, for all of them. Secrets that are kept
  /// elsewhere come in through `environment`, which is asked by these names and only during the call.
  ///
  /// InvalidArgument: a variable and its file are both set, lists of different lengths, a pepper that is not
  /// base64 or too short, LOOPSTATE_ACCEPT_TEST_PAYMENTS neither 0 nor 1, two kinds of Fidel events with one
  /// secret. StorageFailure: a file cannot be read.
  static Result<Receiver> from_environment(const Environment& environment = process_environment());

  /// Whether deliveries of the provider can be verified.
  bool is_on(Provider provider) const noexcept;

  /// What is switched off and why, a sentence each, for the log.
  const std::vector<std::string>& notices() const noexcept;

  /// Verifies the signature over the raw body, and only then reads it. Refused with a reason that says
  /// whether another delivery may help (RefusalKind). No clock is read: `received_at_ms` says when the
  /// delivery arrived, and what is older than its provider allows is refused. The body, which names the card,
  /// is overwritten before this returns.
  Checked<Event> read(Delivery delivery) const;

 private:
  explicit Receiver(std::shared_ptr<const WebhookSettings> settings);

  std::shared_ptr<const WebhookSettings> settings_;
};

}  // namespace loopstate::webhook
