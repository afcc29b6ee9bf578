#include <fmt/format.h>

#include "base/try.hpp"
#include "webhook/dispute.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/payload.hpp"
#include "webhook/read_event.hpp"

namespace loopstate::webhook {
namespace {

// Square counts in the smallest unit already.
constexpr unsigned kSmallestUnit = 0;

struct SmallestUnits {
  std::uint64_t amount = 0;
  std::string currency;
};

Checked<SmallestUnits> read_smallest_units(const Payload& owner, std::string_view name) {
  TRY(const auto money, owner.object(name));
  TRY(const auto amount, money.unsigned_amount("amount", kSmallestUnit));
  TRY(auto currency, money.currency("currency"));
  return SmallestUnits{amount, std::move(currency)};
}

bool has_refunds(const Payload& payment) {
  const auto refunded = payment.find_object("refunded_money");
  const auto amount = refunded ? refunded->unsigned_amount("amount", kSmallestUnit) : 0;
  return amount && *amount > 0;
}

// Why a payment is nothing to act on, if it is not.
std::optional<std::string> why_no_purchase(const Payload& payment, const std::optional<Payload>& details) {
  // APPROVED may still be cancelled; PENDING, CANCELED and FAILED took nothing.
  if (const auto status = payment.find_text("status").value_or("missing"); status != "COMPLETED") {
    return fmt::format("the payment's status is {}, not COMPLETED", brief(status));
  }
  if (!details) return "the payment was not made with a card";
  if (const auto status = details->find_text("status"); status && *status != "CAPTURED") {
    return fmt::format("the card was not charged: its status is {}", brief(*status));
  }
  // The update that a refund causes. The payment's own events arrive by themselves, in whatever order, and
  // the refund's event says what went back.
  if (has_refunds(payment)) return "a refund changed the payment";
  return std::nullopt;
}

// The merchant is in the envelope; a location is the next best name of a shop. A purchase without either is a
// purchase still.
Checked<MerchantId> read_merchant(const Payload& envelope, const Payload& payment) {
  const auto merchant = envelope.find_text("merchant_id");
  if (merchant) return merchant_named("merchant_id", *merchant);
  const auto location = payment.find_text("location_id");
  return merchant_named(payment.place_of("location_id"), location.value_or(std::string(kUnknownMerchant)));
}

// When the payment or refund began: not updated_at, which moves with every update. Square's fields are all
// optional; the event's own time is close.
Checked<Timestamp> read_time(const Payload& envelope, const Payload& object) {
  return object.has("created_at") ? object.time("created_at") : envelope.time("created_at");
}

Checked<Event> read_payment(const Payload& envelope, const Payload& payment, const crypto::Secret& pepper) {
  const auto details = payment.find_object("card_details");
  if (auto reason = why_no_purchase(payment, details)) return Ignored{std::move(*reason)};
  const auto card = details->find_object("card");
  auto card_id = card ? card->find_secret("fingerprint") : std::nullopt;
  if (!card_id) return Ignored{"the payment's card has no fingerprint"};
  auto fingerprint = card_fingerprint(std::move(*card_id), pepper);

  TRY(const auto id, payment.text("id"));
  TRY(auto transaction, transaction_named(payment.place_of("id"), fmt::format("square:{}", id)));
  // The goods, without the tip: total_money has it.
  TRY(auto money, read_smallest_units(payment, "amount_money"));
  if (money.amount == 0) return Ignored{"the payment's amount is zero"};
  TRY(const auto occurred_at, read_time(envelope, payment));
  // Square signs no time of its own, but the event's is in the signed body.
  TRY(const auto told_at, envelope.has("created_at") ? envelope.time("created_at") : Checked<Timestamp>());
  TRY(auto merchant, read_merchant(envelope, payment));

  return Purchase{.provider = Provider::Square,
                  .transaction = std::move(transaction),
                  .fingerprint = std::move(fingerprint),
                  .merchant = std::move(merchant),
                  .merchant_name = std::nullopt,
                  .amount = money.amount,
                  .currency = std::move(money.currency),
                  .card_last4 = last4_or_empty(card->find_text("last_4")),
                  .card_brand = card->find_text("card_brand").value_or(""),
                  .occurred_at = occurred_at,
                  .told_at = told_at};
}

// When this was so: the object's own last change, else the event's time.
Checked<Timestamp> read_update_time(const Payload& envelope, const Payload& object) {
  return object.has("updated_at") ? object.time("updated_at") : read_time(envelope, object);
}

// When it began, where that is told.
Checked<Timestamp> read_begin(const Payload& object) {
  return object.has("created_at") ? object.time("created_at") : Checked<Timestamp>();
}

Checked<Event> read_taken_back(const Payload& envelope, const Payload& object, TransactionId name,
                               TransactionId payment, RefundKind kind, RefundState state) {
  TRY(auto money, read_smallest_units(object, "amount_money"));
  if (money.amount == 0) return Ignored{"the amount that goes back is zero"};
  TRY(const auto begun_at, read_begin(object));
  TRY(const auto occurred_at, read_update_time(envelope, object));
  return Refund{.provider = Provider::Square,
                .refund = std::move(name),
                .payment = std::move(payment),
                .fingerprint = std::nullopt,
                .amount = money.amount,
                .kind = kind,
                .state = state,
                .currency = std::move(money.currency),
                .begun_at = begun_at,
                .occurred_at = occurred_at};
}

std::optional<RefundState> refund_state(std::string_view status) {
  if (status == "COMPLETED") return RefundState::Taken;
  if (status == "FAILED" || status == "REJECTED") return RefundState::GivenBack;
  return std::nullopt;
}

Checked<Event> read_refund(const Payload& envelope, const Payload& refund) {
  const auto status = refund.find_text("status").value_or("missing");
  const auto state = refund_state(status);
  if (!state) return Ignored{fmt::format("the refund's status is {}, not COMPLETED", brief(status))};
  const auto payment_id = refund.find_text("payment_id");
  if (!payment_id || payment_id->empty()) return Ignored{"the refund belongs to no payment (unlinked)"};
  TRY(auto payment, transaction_named(refund.place_of("payment_id"), fmt::format("square:{}", *payment_id)));
  TRY(const auto id, refund.text("id"));
  TRY(auto name, transaction_named(refund.place_of("id"), fmt::format("square:{}:refund", id)));
  return read_taken_back(envelope, refund, std::move(name), std::move(payment), RefundKind::Refund, *state);
}

// `disputed_payment` today; a list of them in payloads of older API versions.
std::optional<std::string> disputed_payment(const Payload& dispute) {
  auto payment = dispute.find_object("disputed_payment");
  if (!payment) payment = dispute.find_only_object("disputed_payments");
  return payment ? payment->find_text("payment_id") : std::nullopt;
}

Checked<Event> read_dispute(const Payload& envelope, const Payload& dispute) {
  const auto status = dispute.find_text("state").value_or("missing");
  const auto state = square_dispute_state(status);
  if (!state) return Ignored{fmt::format("the dispute's state is {}: it has not ended", brief(status))};
  const auto payment_id = disputed_payment(dispute);
  if (!payment_id || payment_id->empty()) return Ignored{"the dispute names no payment"};
  TRY(auto payment,
      transaction_named(dispute.place_of("disputed_payment"), fmt::format("square:{}", *payment_id)));
  // `dispute_id` in payloads of older API versions.
  TRY(const auto id, dispute.has("id") ? dispute.text("id") : dispute.text("dispute_id"));
  TRY(auto name, transaction_named(dispute.place_of("id"), fmt::format("square:{}:dispute", id)));
  return read_taken_back(envelope, dispute, std::move(name), std::move(payment), RefundKind::Dispute, *state);
}

Checked<Payload> read_object(const Payload& envelope, std::string_view name) {
  TRY(const auto data, envelope.object("data"));
  TRY(const auto object, data.object("object"));
  return object.object(name);
}

}  // namespace

Checked<Event> read_square_event(std::string_view body, const crypto::Secret& pepper) {
  TRY(const auto envelope, Payload::parse(body));
  if (!envelope.has("type") && envelope.has("event_type") && envelope.has("entity_id")) {
    return refuse(RefusalKind::UnsupportedPayload,
                  "this is Square's version 1 webhook, which is obsolete and names no card; subscribe to "
                  "payment.created, payment.updated, refund.created and refund.updated instead");
  }
  TRY(const auto type, envelope.text("type"));
  if (type == "payment.created" || type == "payment.updated") {
    TRY(const auto payment, read_object(envelope, "payment"));
    return read_payment(envelope, payment, pepper);
  }
  if (type == "refund.created" || type == "refund.updated") {
    TRY(const auto refund, read_object(envelope, "refund"));
    return read_refund(envelope, refund);
  }
  if (type == "dispute.created" || type == "dispute.state.updated" || type == "dispute.state.changed") {
    TRY(const auto dispute, read_object(envelope, "dispute"));
    return read_dispute(envelope, dispute);
  }
  return Ignored{fmt::format("events of type {} are not used", brief(type))};
}

}  // namespace loopstate::webhook
