// Which providers are listened to, and the secrets they sign with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/webhook_delivery.hpp"

namespace loopstate::webhook {

/// Square and Fidel sign the URL that was registered, exactly as it was registered.
struct UrlSecret {
  crypto::Secret secret;
  std::string url;
};

/// Each kind of Fidel event is registered apart and has secrets of its own: the one that verifies says which.
enum class FidelKind : std::uint8_t { Auth, Clearing, Refund, CardLinked };

struct FidelSecret {
  FidelKind kind = FidelKind::Auth;
  UrlSecret key;
};

/// What becomes of events from a provider's test mode or sandbox, where no money moves.
enum class TestPayments : std::uint8_t { Ignore, Accept };

/// Move-only. Shared between threads once it is complete: nothing in it changes.
struct WebhookSettings {
  std::vector<UrlSecret> square;
  std::vector<crypto::Secret> stripe;
  std::vector<FidelSecret> fidel;
  /// Keys the card's fingerprint; at least 32 bytes, or empty: then no provider is on.
  crypto::Secret pepper;
  TestPayments test_payments = TestPayments::Ignore;
  /// What is switched off and why, a sentence each, for the log.
  std::vector<std::string> notices;

  bool is_on(Provider provider) const noexcept;
  bool any_on() const noexcept;

  /// STRIPE_WEBHOOK_SECRET; SQUARE_WEBHOOK_SIGNATURE_KEY with SQUARE_WEBHOOK_URL;
  /// FIDEL_WEBHOOK_SECRET_{AUTH,CLEARING,REFUND,CARD_LINKED} with FIDEL_WEBHOOK_URL; LOOPSTATE_PEPPER
  /// (base64, 32 bytes or more). Each secret and URL may be a comma-separated list: as many secrets as URLs
  /// belong together in order, and a single one belongs to all of the other list. Each may instead be given
  /// as a file, by its name with _FILE.
  ///
  /// LOOPSTATE_ACCEPT_TEST_PAYMENTS: 1 counts what comes from a test mode or sandbox like money, 0 (the
  /// default) acknowledges it and does nothing.
  ///
  /// A secret that is missing or empty, an empty element of a list included, switches its provider (its kind,
  /// for Fidel) off and adds a notice. `pepper`, where a caller brings it, is base64 too and goes before
  /// LOOPSTATE_PEPPER.
  ///
  /// InvalidArgument: a variable and its file are both set, lists of different lengths, a pepper that is not
  /// base64 or too short, LOOPSTATE_ACCEPT_TEST_PAYMENTS neither 0 nor 1, two kinds of Fidel events with one
  /// secret. StorageFailure: a file cannot be read.
  static Result<WebhookSettings> from_environment(const Environment& environment,
                                                  std::optional<crypto::Secret> pepper = {});
};

}  // namespace loopstate::webhook
