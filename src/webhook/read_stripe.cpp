#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.hpp"
#include "webhook/dispute.hpp"
#include "webhook/fields.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/read_event.hpp"
#include "webhook/stripe_amount.hpp"

namespace loopstate::webhook {
namespace {

using json::Fields;

constexpr unsigned kAsStripeCounts = 0;

// Where the card is, by `payment_method_details.type`: online, Terminal, and Interac in Canada.
constexpr std::array<std::string_view, 3> kCardTypes = {"card", "card_present", "interac_present"};

// Events about money that another event already reports, or that move none. One refund sends refund.created,
// refund.updated, charge.refund.updated and charge.refunded: the last one counts, because it carries the
// charge's running total, which makes order and repeats harmless. A refund that fails leaves the total
// without an event of the charge, so that is taken from the refund's own events.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kToldElsewhere = {{
    {"payment_intent.succeeded", "the charge's own event counts"},
    {"payment_intent.amount_capturable_updated", "nothing was taken yet"},
    {"charge.updated", "it moves no money"},
    {"charge.failed", "nothing was taken"},
}};

constexpr std::array<std::string_view, 4> kRefundEvents = {"refund.created", "refund.updated",
                                                           "refund.failed", "charge.refund.updated"};

constexpr std::string_view kDisputeEvents = "charge.dispute.";

// An amount of the charge, in ISO 4217's smallest unit.
Money read_money(const Fields& charge, std::string_view name, Currency currency) {
  const auto amount = amount_from_stripe(read_unsigned_amount(charge, name, kAsStripeCounts), currency);
  if (!amount) charge.wrong(name, amount.error());
  return {amount.value_or(0), currency};
}

// What was taken. Before 2020 charges had no amount_captured: then a charge that was captured immediately
// took its whole amount.
Money read_captured(const Fields& charge, std::string_view type) {
  const bool whole = !charge.has("amount_captured") && type == "charge.succeeded";
  return read_money(charge, whole ? "amount" : "amount_captured", read_currency(charge, "currency"));
}

std::optional<Fields> find_card(const Fields& charge) {
  const auto details = charge.find_object("payment_method_details");
  if (!details) return std::nullopt;
  const auto type = details->find_text("type");
  for (const auto card_type : kCardTypes) {
    if (type == card_type) return details->find_object(card_type);
  }
  return std::nullopt;
}

std::optional<std::string> why_no_purchase(const Fields& charge) {
  if (!charge.find_bool("captured").value_or(false)) return "the charge is authorised, not captured";
  const auto status = charge.find_text("status");
  if (status && *status != "succeeded") return fmt::format("the charge's status is {}", brief(*status));
  if (!charge.find_bool("paid").value_or(status.has_value())) return "the charge is not paid";
  return std::nullopt;
}

MerchantId read_account(const Fields& event, const Fields& charge) {
  if (event.find_text("account")) return event.parsed<MerchantId>("account");
  if (charge.find_text("on_behalf_of")) return charge.parsed<MerchantId>("on_behalf_of");
  const auto transfer = charge.find_object("transfer_data");
  if (transfer && transfer->find_text("destination")) return transfer->parsed<MerchantId>("destination");
  return event.parsed<MerchantId>("account", "stripe");
}

// The name under which the shop appears on the card's statement.
std::optional<std::string> merchant_name(const Fields& charge) {
  auto name = charge.find_text("calculated_statement_descriptor");
  if (!name || name->empty()) name = charge.find_text("statement_descriptor");
  return name && !name->empty() ? name : std::nullopt;
}

Event read_purchase(const Fields& event, std::string_view type, const Fields& charge, Peppers peppers) {
  if (auto reason = why_no_purchase(charge)) return Ignored{std::move(*reason)};
  const auto card = find_card(charge);
  if (!card) return Ignored{"the charge was not made with a card"};
  auto card_id = find_secret(*card, "fingerprint");
  if (!card_id) return Ignored{"the charge's card has no fingerprint"};
  auto fingerprints = card_fingerprints(std::move(*card_id), peppers);

  const auto id = charge.text("id");
  auto transaction = charge.parsed<TransactionId>("id", fmt::format("stripe:{}", id));
  const auto amount = read_captured(charge, type);
  if (amount.minor_units == 0) return Ignored{"the captured amount is zero"};
  // The charge's time rather than the event's: it is the same in all events of one charge.
  const auto occurred_at = read_unix_time(charge.has("created") ? charge : event, "created");
  auto merchant = read_account(event, charge);

  return Purchase{.provider = Provider::Stripe,
                  .transaction = std::move(transaction),
                  .fingerprint = std::move(fingerprints.current),
                  .merchant = std::move(merchant),
                  .merchant_name = merchant_name(charge),
                  .amount = amount,
                  .card_last4 = find_last4(*card, "last4"),
                  .card_brand = card->find_text("brand").value_or(""),
                  .occurred_at = occurred_at,
                  .told_at = {},
                  .previous_fingerprint = std::move(fingerprints.previous)};
}

// How much of what was taken went back. Capturing part of an authorisation releases the rest, and Stripe
// counts the release among the charge's refunds, although that money was never taken.
Money read_refunded(const Fields& charge) {
  const auto currency = read_currency(charge, "currency");
  auto refunded = read_money(charge, "amount_refunded", currency);
  if (!charge.has("amount_captured")) return refunded;
  const auto captured = read_money(charge, "amount_captured", currency).minor_units;
  const auto amount = read_money(charge, "amount", currency).minor_units;
  const auto released = amount - std::min(amount, captured);
  refunded.minor_units -= std::min(refunded.minor_units, released);
  return refunded;
}

// A separate name for each event: a total can recur after a refund failed, and is then another refund's.
std::string name_of_total(const Fields& event, std::string_view charge, std::uint64_t total) {
  const auto id = event.find_text("id");
  return fmt::format("stripe:{}:refunded:{}{}{}", charge, total, id ? ":" : "", id.value_or(""));
}

Event read_running_total(const Fields& event, const Fields& charge) {
  if (!charge.find_bool("captured").value_or(false)) {
    return Ignored{"an authorisation was released; nothing had been taken"};
  }
  const auto id = charge.text("id");
  auto payment = charge.parsed<TransactionId>("id", fmt::format("stripe:{}", id));
  const auto total = read_refunded(charge);
  if (total.minor_units == 0) return Ignored{"nothing of what was taken went back"};
  auto name = charge.parsed<TransactionId>("id", name_of_total(event, id, total.minor_units));
  const auto occurred_at = read_unix_time(event, "created");

  return Refund{.provider = Provider::Stripe,
                .refund = std::move(name),
                .payment = std::move(payment),
                .fingerprint = std::nullopt,
                .amount = total,
                .kind = RefundKind::RunningTotal,
                .state = RefundState::Taken,
                .begun_at = {},
                .occurred_at = occurred_at};
}

// What refund and dispute objects say about the charge, in common.
struct TakenBack {
  TransactionId id;
  TransactionId payment;
  Money amount{};
  Timestamp begun_at{};
  Timestamp occurred_at{};
};

TakenBack read_taken_back(const Fields& event, const Fields& object, std::string_view charge,
                          std::string_view what) {
  const auto id = object.text("id");
  auto name = object.parsed<TransactionId>("id", fmt::format("stripe:{}:{}", id, what));
  auto payment = object.parsed<TransactionId>("charge", fmt::format("stripe:{}", charge));
  const auto amount = read_money(object, "amount", read_currency(object, "currency"));
  const auto occurred_at = read_unix_time(event, "created");
  const auto begun_at = object.has("created") ? read_unix_time(object, "created") : Timestamp{};
  return {std::move(name), std::move(payment), amount, begun_at, occurred_at};
}

Refund refund_of(TakenBack back, RefundKind kind, RefundState state) {
  return Refund{.provider = Provider::Stripe,
                .refund = std::move(back.id),
                .payment = std::move(back.payment),
                .fingerprint = std::nullopt,
                .amount = back.amount,
                .kind = kind,
                .state = state,
                .begun_at = back.begun_at,
                .occurred_at = back.occurred_at};
}

// A refund object: the only news is that it failed or was canceled.
Event read_refund_object(const Fields& event, std::string_view type, const Fields& refund) {
  const auto status = refund.find_text("status").value_or(type == "refund.failed" ? "failed" : "missing");
  if (status != "failed" && status != "canceled") {
    return Ignored{fmt::format("the refund's status is {}: charge.refunded counts", brief(status))};
  }
  const auto charge = refund.find_text("charge");
  if (!charge || charge->empty()) return Ignored{"the refund belongs to no charge"};
  auto back = read_taken_back(event, refund, *charge, "refund");
  if (back.amount.minor_units == 0) return Ignored{"the refund's amount is zero"};
  return refund_of(std::move(back), RefundKind::Refund, RefundState::GivenBack);
}

Event read_dispute(const Fields& event, std::string_view type, const Fields& dispute) {
  const auto status = dispute.find_text("status").value_or("missing");
  const auto state = stripe_dispute_state(type, status);
  if (!state) return Ignored{fmt::format("the dispute's status is {}: no money moved yet", brief(status))};
  const auto charge = dispute.find_text("charge");
  if (!charge || charge->empty()) return Ignored{"the dispute belongs to no charge"};
  auto back = read_taken_back(event, dispute, *charge, "dispute");
  if (back.amount.minor_units == 0) return Ignored{"the disputed amount is zero"};
  return refund_of(std::move(back), RefundKind::Dispute, *state);
}

std::string why_unused(std::string_view type) {
  for (const auto& [other, reason] : kToldElsewhere) {
    if (type == other) return fmt::format("events of type {} are not used: {}", type, reason);
  }
  return fmt::format("events of type {} are not used", brief(type));
}

Event read_event(const Fields& event, Peppers peppers, TestPayments test_payments) {
  if (event.find_text("object").value_or("event") != "event") {
    event.wrong("object", "is not \"event\": this is not a Stripe event");
  }
  const auto type = event.text("type");
  const bool purchase = type == "charge.succeeded" || type == "charge.captured";
  const bool refund = std::ranges::find(kRefundEvents, type) != kRefundEvents.end();
  const bool dispute = type.starts_with(kDisputeEvents);
  if (!purchase && !refund && !dispute && type != "charge.refunded") return Ignored{why_unused(type)};
  // Stripe always sends it. An event without it is not Stripe's, and is not taken for money.
  const auto livemode = event.find_bool("livemode");
  if (!livemode) event.wrong("livemode", "is missing or neither true nor false");
  if (test_payments == TestPayments::Ignore && livemode == false) {
    return TestPayment{"an event from Stripe's test mode (livemode is false), where no money moves"};
  }

  const auto object = event.object("data").object("object");
  if (purchase) return read_purchase(event, type, object, peppers);
  if (refund) return read_refund_object(event, type, object);
  if (dispute) return read_dispute(event, type, object);
  return read_running_total(event, object);
}

}  // namespace

Checked<Event> read_stripe_event(std::string_view body, Peppers peppers, TestPayments test_payments) {
  TRY(const auto document, read_document(body));
  if (document.find_text("object") == "v2.core.event") {
    return refuse(RefusalKind::UnsupportedPayload,
                  "this is a thin event, which carries no charge; send snapshot events to this URL instead "
                  "(payload style \"snapshot\" of the event destination)");
  }
  auto event = read_event(document, peppers, test_payments);
  TRY_OK(check(document));
  return event;
}

}  // namespace loopstate::webhook
