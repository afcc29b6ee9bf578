// Which providers are accepted, and the secrets they sign with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/webhook_delivery.hpp"
#include "webhook/fingerprint.hpp"

namespace loopstate::webhook {

/// Square and Fidel sign the URL exactly as it was registered.
struct UrlSecret {
  crypto::Secret secret;
  std::string url;
};

/// Each kind of Fidel event is registered with its own secrets: the one that verifies says which it is.
enum class FidelKind : std::uint8_t { Auth, Clearing, Refund, CardLinked };

struct FidelSecret {
  FidelKind kind = FidelKind::Auth;
  UrlSecret key;
};

/// What to do with events from a provider's test mode or sandbox, where no money moves.
enum class TestPayments : std::uint8_t { Ignore, Accept };

/// Move-only. Shared between threads once it is complete: nothing in it changes.
struct WebhookSettings {
  std::vector<UrlSecret> square;
  std::vector<crypto::Secret> stripe;
  std::vector<FidelSecret> fidel;
  /// Key for the cards' fingerprints; at least 32 bytes, or empty: then no provider is on.
  crypto::Secret pepper;
  /// The one before it, while cards are being moved from it; empty: none. Never equal to `pepper`.
  crypto::Secret previous_pepper;
  TestPayments test_payments = TestPayments::Ignore;
  /// What is switched off and why, one sentence each, for the log.
  std::vector<std::string> notices;

  Peppers peppers() const noexcept { return {pepper, previous_pepper}; }
  bool is_on(Provider provider) const noexcept;
  bool any_on() const noexcept;

  /// STRIPE_WEBHOOK_SECRET; SQUARE_WEBHOOK_SIGNATURE_KEY with SQUARE_WEBHOOK_URL;
  /// FIDEL_WEBHOOK_SECRET_{AUTH,CLEARING,REFUND,CARD_LINKED} with FIDEL_WEBHOOK_URL; LOOPSTATE_PEPPER
  /// (base64, 32 bytes or more) and, while it is new, LOOPSTATE_PREVIOUS_PEPPER. Each secret and URL may be a
  /// comma-separated list: equal numbers of secrets and URLs pair up in order, and a single one pairs with
  /// all of the other list. Each may instead be given as a file, under its name followed by _FILE.
  ///
  /// LOOPSTATE_ACCEPT_TEST_PAYMENTS: 1 treats payments from a test mode or sandbox as money, 0 (the
  /// default) acknowledges them and does nothing.
  ///
  /// A secret that is missing or empty, or has an empty element in its list, switches its provider (Fidel:
  /// its kind of event) off and adds a notice. A `pepper` from the caller is base64 too and overrides
  /// LOOPSTATE_PEPPER. A previous pepper equal to the pepper is taken for none, with a notice.
  ///
  /// InvalidArgument: a variable and its file are both set, lists differ in length, a pepper is not
  /// base64 or too short, a previous pepper is set without a pepper, LOOPSTATE_ACCEPT_TEST_PAYMENTS is
  /// neither 0 nor 1, or two kinds of Fidel events have one secret. StorageFailure: a file cannot be read.
  static Result<WebhookSettings> from_environment(const Environment& environment,
                                                  std::optional<crypto::Secret> pepper = {});
};

}  // namespace loopstate::webhook
