#include <fmt/format.h>

#include "base/try.hpp"
#include "webhook/dispute.hpp"
#include "webhook/fields.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/read_event.hpp"

namespace loopstate::webhook {
namespace {

using json::Fields;

// Square already counts in the smallest unit.
constexpr unsigned kSmallestUnit = 0;

Money read_money(const Fields& owner, std::string_view name) {
  const auto money = owner.object(name);
  const auto amount = read_unsigned_amount(money, "amount", kSmallestUnit);
  return {amount, read_currency(money, "currency")};
}

bool has_refunds(const Fields& payment) {
  const auto refunded = payment.find_object("refunded_money");
  const auto number = refunded ? refunded->find("amount") : std::nullopt;
  const auto amount = parse_amount(number ? number->number().value_or("") : "", kSmallestUnit);
  return amount && amount->value > 0 && !amount->negative;
}

// Why a payment requires no action, if so.
std::optional<std::string> why_no_purchase(const Fields& payment, const std::optional<Fields>& details) {
  // APPROVED may still be cancelled; PENDING, CANCELED and FAILED took nothing.
  if (const auto status = payment.find_text("status").value_or("missing"); status != "COMPLETED") {
    return fmt::format("the payment's status is {}, not COMPLETED", brief(status));
  }
  if (!details) return "the payment was not made with a card";
  if (const auto status = details->find_text("status"); status && *status != "CAPTURED") {
    return fmt::format("the card was not charged: its status is {}", brief(*status));
  }
  // The update that a refund causes. The payment's own events arrive separately, in any order, and
  // the refund's event says what went back.
  if (has_refunds(payment)) return "a refund changed the payment";
  return std::nullopt;
}

// The merchant is in the envelope; a location is the next best name of a shop. A purchase without either is
// still a purchase.
MerchantId read_merchant(const Fields& envelope, const Fields& payment) {
  if (envelope.find_text("merchant_id")) return envelope.parsed<MerchantId>("merchant_id");
  const auto location = payment.find_text("location_id");
  return payment.parsed<MerchantId>("location_id", location ? *location : kUnknownMerchant);
}

// When the payment or refund began: not updated_at, which moves with every update. All of Square's fields
// are optional; the event's own time is close.
Timestamp read_creation(const Fields& envelope, const Fields& object) {
  return read_time(object.has("created_at") ? object : envelope, "created_at");
}

// Absent: `Timestamp{}`.
Timestamp read_time_if_told(const Fields& object, std::string_view name) {
  return object.has(name) ? read_time(object, name) : Timestamp{};
}

Event read_payment(const Fields& envelope, const Fields& payment, Peppers peppers) {
  const auto details = payment.find_object("card_details");
  if (auto reason = why_no_purchase(payment, details)) return Ignored{std::move(*reason)};
  const auto card = details->find_object("card");
  auto card_id = card ? find_secret(*card, "fingerprint") : std::nullopt;
  if (!card_id) return Ignored{"the payment's card has no fingerprint"};
  auto fingerprints = card_fingerprints(std::move(*card_id), peppers);

  const auto id = payment.text("id");
  auto transaction = payment.parsed<TransactionId>("id", fmt::format("square:{}", id));
  // The goods, without the tip: total_money has it.
  const auto amount = read_money(payment, "amount_money");
  if (amount.minor_units == 0) return Ignored{"the payment's amount is zero"};
  const auto occurred_at = read_creation(envelope, payment);
  // Square signs no separate time, but the event's is in the signed body.
  const auto told_at = read_time_if_told(envelope, "created_at");
  auto merchant = read_merchant(envelope, payment);

  return Purchase{.provider = Provider::Square,
                  .transaction = std::move(transaction),
                  .fingerprint = std::move(fingerprints.current),
                  .merchant = std::move(merchant),
                  .merchant_name = std::nullopt,
                  .amount = amount,
                  .card_last4 = find_last4(*card, "last_4"),
                  .card_brand = card->find_text("card_brand").value_or(""),
                  .occurred_at = occurred_at,
                  .told_at = told_at,
                  .previous_fingerprint = std::move(fingerprints.previous)};
}

// When this was the case: the object's own last change, else the event's time.
Timestamp read_update(const Fields& envelope, const Fields& object) {
  return object.has("updated_at") ? read_time(object, "updated_at") : read_creation(envelope, object);
}

Event read_taken_back(const Fields& envelope, const Fields& object, TransactionId name, TransactionId payment,
                      RefundKind kind, RefundState state) {
  const auto amount = read_money(object, "amount_money");
  if (amount.minor_units == 0) return Ignored{"the amount that goes back is zero"};
  // When it began, if that is told.
  const auto begun_at = read_time_if_told(object, "created_at");
  const auto occurred_at = read_update(envelope, object);
  return Refund{.provider = Provider::Square,
                .refund = std::move(name),
                .payment = std::move(payment),
                .fingerprint = std::nullopt,
                .amount = amount,
                .kind = kind,
                .state = state,
                .begun_at = begun_at,
                .occurred_at = occurred_at};
}

std::optional<RefundState> refund_state(std::string_view status) {
  if (status == "COMPLETED") return RefundState::Taken;
  if (status == "FAILED" || status == "REJECTED") return RefundState::GivenBack;
  return std::nullopt;
}

Event read_refund(const Fields& envelope, const Fields& refund) {
  const auto status = refund.find_text("status").value_or("missing");
  const auto state = refund_state(status);
  if (!state) return Ignored{fmt::format("the refund's status is {}, not COMPLETED", brief(status))};
  const auto payment_id = refund.find_text("payment_id");
  if (!payment_id || payment_id->empty()) return Ignored{"the refund belongs to no payment (unlinked)"};
  auto payment = refund.parsed<TransactionId>("payment_id", fmt::format("square:{}", *payment_id));
  const auto id = refund.text("id");
  auto name = refund.parsed<TransactionId>("id", fmt::format("square:{}:refund", id));
  return read_taken_back(envelope, refund, std::move(name), std::move(payment), RefundKind::Refund, *state);
}

// `disputed_payment` today; a list of them in payloads of older API versions.
std::optional<std::string> disputed_payment(const Fields& dispute) {
  auto payment = dispute.find_object("disputed_payment");
  if (!payment) payment = dispute.find_only_object("disputed_payments");
  return payment ? payment->find_text("payment_id") : std::nullopt;
}

Event read_dispute(const Fields& envelope, const Fields& dispute) {
  const auto status = dispute.find_text("state").value_or("missing");
  const auto state = square_dispute_state(status);
  if (!state) return Ignored{fmt::format("the dispute's state is {}: it has not ended", brief(status))};
  const auto payment_id = disputed_payment(dispute);
  if (!payment_id || payment_id->empty()) return Ignored{"the dispute names no payment"};
  auto payment = dispute.parsed<TransactionId>("disputed_payment", fmt::format("square:{}", *payment_id));
  // `dispute_id` in payloads of older API versions.
  const auto id = dispute.text(dispute.has("id") ? "id" : "dispute_id");
  auto name = dispute.parsed<TransactionId>("id", fmt::format("square:{}:dispute", id));
  return read_taken_back(envelope, dispute, std::move(name), std::move(payment), RefundKind::Dispute, *state);
}

Event read_event(const Fields& envelope, Peppers peppers) {
  const auto type = envelope.text("type");
  const auto object = [&](std::string_view name) {
    return envelope.object("data").object("object").object(name);
  };
  if (type == "payment.created" || type == "payment.updated") {
    return read_payment(envelope, object("payment"), peppers);
  }
  if (type == "refund.created" || type == "refund.updated") return read_refund(envelope, object("refund"));
  if (type == "dispute.created" || type == "dispute.state.updated" || type == "dispute.state.changed") {
    return read_dispute(envelope, object("dispute"));
  }
  return Ignored{fmt::format("events of type {} are not used", brief(type))};
}

}  // namespace

Checked<Event> read_square_event(std::string_view body, Peppers peppers) {
  TRY(const auto envelope, read_document(body));
  if (!envelope.has("type") && envelope.has("event_type") && envelope.has("entity_id")) {
    return refuse(RefusalKind::UnsupportedPayload,
                  "this is Square's version 1 webhook, which is obsolete and names no card; subscribe to "
                  "payment.created, payment.updated, refund.created and refund.updated instead");
  }
  auto event = read_event(envelope, peppers);
  TRY_OK(check(envelope));
  return event;
}

}  // namespace loopstate::webhook
