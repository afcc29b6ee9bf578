// What a verified delivery means, the same for every provider.
//
// Transaction ids name the payment or the refund, never the delivery, so that updates and repeats of one
// thing share one name:
//   square:<payment id>                    a completed payment
//   stripe:<charge id>                     a captured charge
//   fidel:<transaction id>:clearing        a clearing above zero
//   square:<refund id>:refund              a refund: completed, or failed after all
//   square:<dispute id>:dispute            a dispute, whatever became of it
//   stripe:<dispute id>:dispute            a dispute, whatever became of it
//   stripe:<refund id>:refund              a refund that failed or was canceled
//   stripe:<charge id>:refunded:<total>:<event id>    the running total of a charge's refunds
//   fidel:<transaction id>:refund          both events that one refund causes
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "loopstate/clock.hpp"
#include "loopstate/money.hpp"
#include "loopstate/names.hpp"
#include "loopstate/webhook_delivery.hpp"

namespace loopstate::webhook {

/// The merchant of a purchase whose payload names none.
inline constexpr std::string_view kUnknownMerchant = "unknown";

/// Money that was actually taken from a card.
struct Purchase {
  Provider provider;
  TransactionId transaction;
  Fingerprint fingerprint;
  /// Square: the merchant of the event, else the location. Fidel: the brand, else the location, else the MID.
  /// Stripe: the connected account, the account it is charged for, or "stripe" for the receiver's own
  /// account, which Stripe does not name.
  MerchantId merchant;
  std::optional<std::string> merchant_name;
  Money amount{};           ///< above zero, in a known currency; without a tip
  std::string card_last4;   ///< four digits, or empty
  std::string card_brand;   ///< as the provider writes it, or empty
  Timestamp occurred_at{};  ///< when the payment began; the same in all events of one payment
  /// When this event was made or signed, by the provider's clock; `Timestamp{}`: not told. Covered by the
  /// signature, like everything here.
  Timestamp told_at{};
  /// The card under LOOPSTATE_PREVIOUS_PEPPER, while one is set: how the card may still be linked.
  std::optional<Fingerprint> previous_fingerprint = {};
};

/// Who takes the money back, and how it is reported.
enum class RefundKind : std::uint8_t {
  Refund,
  Dispute,
  RunningTotal  ///< the total of all refunds of this payment at the time of the report
};

enum class RefundState : std::uint8_t {
  Taken,     ///< the money went back; for a dispute: for the time being
  Lost,      ///< the shop lost the dispute, or accepted it
  GivenBack  ///< the refund failed, or the shop won the dispute: the money stays after all
};

/// What a provider says about money that goes back, or does not.
struct Refund {
  Provider provider;
  TransactionId refund;  ///< names the refund, the dispute or the total
  /// The payment it takes back; nothing if Fidel did not find it.
  std::optional<TransactionId> payment;
  /// Fidel names the card too; the others do not.
  std::optional<Fingerprint> fingerprint;
  Money amount{};  ///< above zero, in a known currency
  RefundKind kind = RefundKind::Refund;
  RefundState state = RefundState::Taken;
  Timestamp begun_at{};     ///< when the refund or dispute began; `Timestamp{}`: not told
  Timestamp occurred_at{};  ///< when this was the case, by the provider's clock
  std::optional<Fingerprint> previous_fingerprint = {};  ///< as in Purchase
};

/// A card that its owner enrolled, with the user named in its metadata.
struct CardLinked {
  Provider provider;
  Fingerprint fingerprint;
  UserId user;
  std::string card_last4;                                ///< four digits, or empty
  std::optional<Fingerprint> previous_fingerprint = {};  ///< as in Purchase
};

/// Correctly signed, and nothing to do: acknowledge it.
struct Ignored {
  std::string reason;  ///< for the log
};

/// Correctly signed, from a provider's test mode: no money moved. Acknowledge it.
struct TestPayment {
  std::string reason;  ///< for the log
};

using Event = std::variant<Purchase, Refund, CardLinked, Ignored, TestPayment>;

/// How a capture states the proof of its purchase: "square_pos", "stripe_connect", "fidel".
std::string_view proof_type(Provider provider) noexcept;

}  // namespace loopstate::webhook
