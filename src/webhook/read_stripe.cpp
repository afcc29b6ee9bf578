#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "webhook/fingerprint.hpp"
#include "webhook/payload.hpp"
#include "webhook/read_event.hpp"
#include "webhook/stripe_amount.hpp"

namespace loopstate::webhook {
namespace {

constexpr unsigned kSmallestUnit = 0;

// Where the card is, by `payment_method_details.type`: online, Terminal, and Interac in Canada.
constexpr std::array<std::string_view, 3> kCardTypes = {"card", "card_present", "interac_present"};

// Events about money that another event already tells, or that move none. One refund sends refund.created,
// refund.updated, charge.refund.updated and charge.refunded: only the last is acted on, because it carries
// the charge's running total. Totals make order and repeats harmless, and refunds that failed are not in it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kToldElsewhere = {{
    {"payment_intent.succeeded", "the charge's own event counts"},
    {"payment_intent.amount_capturable_updated", "nothing was taken yet"},
    {"refund.created", "charge.refunded counts"},
    {"refund.updated", "charge.refunded counts"},
    {"refund.failed", "charge.refunded counts"},
    {"charge.refund.updated", "charge.refunded counts"},
    {"charge.updated", "it moves no money"},
    {"charge.failed", "nothing was taken"},
}};

// An amount of the charge, in ISO 4217's smallest unit.
Checked<std::uint64_t> read_amount(const Payload& charge, std::string_view name, std::string_view currency) {
  const auto sent = charge.unsigned_amount(name, kSmallestUnit);
  if (!sent) return std::unexpected(sent.error());
  const auto amount = amount_from_stripe(*sent, currency);
  if (amount) return *amount;
  return refuse(RefusalKind::MalformedPayload, fmt::format("{} {}", charge.place_of(name), amount.error()));
}

// What was taken. Before 2020 charges had no amount_captured: then a charge that was captured at once took
// its whole amount.
Checked<std::uint64_t> read_captured(const Payload& charge, std::string_view type,
                                     std::string_view currency) {
  const bool whole = !charge.has("amount_captured") && type == "charge.succeeded";
  return read_amount(charge, whole ? "amount" : "amount_captured", currency);
}

std::optional<Payload> find_card(const Payload& charge) {
  const auto details = charge.find_object("payment_method_details");
  if (!details) return std::nullopt;
  const auto type = details->find_text("type");
  for (const auto card_type : kCardTypes) {
    if (type == card_type) return details->find_object(card_type);
  }
  return std::nullopt;
}

std::optional<std::string> why_no_purchase(const Payload& charge) {
  if (!charge.find_bool("captured").value_or(false)) return "the charge is authorised, not captured";
  const auto status = charge.find_text("status");
  if (status && *status != "succeeded") return fmt::format("the charge's status is {}", brief(*status));
  if (!charge.find_bool("paid").value_or(status.has_value())) return "the charge is not paid";
  return std::nullopt;
}

Checked<MerchantId> read_merchant(const Payload& event, const Payload& charge) {
  if (const auto account = event.find_text("account")) return merchant_named("account", *account);
  if (const auto account = charge.find_text("on_behalf_of")) {
    return merchant_named(charge.place_of("on_behalf_of"), *account);
  }
  const auto transfer = charge.find_object("transfer_data");
  if (const auto account = transfer ? transfer->find_text("destination") : std::nullopt) {
    return merchant_named(transfer->place_of("destination"), *account);
  }
  return merchant_named("account", "stripe");
}

// How the shop calls itself on the card's statement.
std::optional<std::string> merchant_name(const Payload& charge) {
  auto name = charge.find_text("calculated_statement_descriptor");
  if (!name || name->empty()) name = charge.find_text("statement_descriptor");
  return name && !name->empty() ? name : std::nullopt;
}

Checked<Event> read_purchase(const Payload& event, std::string_view type, const Payload& charge,
                             const crypto::Secret& pepper) {
  if (auto reason = why_no_purchase(charge)) return Ignored{std::move(*reason)};
  const auto card = find_card(charge);
  if (!card) return Ignored{"the charge was not made with a card"};
  auto card_id = card->find_secret("fingerprint");
  if (!card_id) return Ignored{"the charge's card has no fingerprint"};
  auto fingerprint = card_fingerprint(std::move(*card_id), pepper);

  const auto id = charge.text("id");
  if (!id) return std::unexpected(id.error());
  auto transaction = transaction_named(charge.place_of("id"), fmt::format("stripe:{}", *id));
  if (!transaction) return std::unexpected(transaction.error());
  auto currency = charge.currency("currency");
  if (!currency) return std::unexpected(currency.error());
  const auto amount = read_captured(charge, type, *currency);
  if (!amount) return std::unexpected(amount.error());
  if (*amount == 0) return Ignored{"the captured amount is zero"};
  // The charge's rather than the event's: the same in all events of one charge.
  const auto occurred_at = charge.has("created") ? charge.integer("created") : event.integer("created");
  if (!occurred_at) return std::unexpected(occurred_at.error());
  auto merchant = read_merchant(event, charge);
  if (!merchant) return std::unexpected(merchant.error());

  return Purchase{.provider = Provider::Stripe,
                  .transaction = std::move(*transaction),
                  .fingerprint = std::move(fingerprint),
                  .merchant = std::move(*merchant),
                  .merchant_name = merchant_name(charge),
                  .amount = *amount,
                  .currency = std::move(*currency),
                  .card_last4 = last4_or_empty(card->find_text("last4")),
                  .card_brand = card->find_text("brand").value_or(""),
                  .occurred_at = *occurred_at};
}

// What went back of what was taken. Capturing a part of an authorisation releases the rest, and Stripe counts
// the release among the refunds of the charge; no money of it was ever taken.
Checked<std::uint64_t> read_refunded(const Payload& charge, std::string_view currency) {
  const auto refunded = read_amount(charge, "amount_refunded", currency);
  if (!refunded || !charge.has("amount_captured")) return refunded;
  const auto captured = read_amount(charge, "amount_captured", currency);
  if (!captured) return captured;
  const auto amount = read_amount(charge, "amount", currency);
  if (!amount) return amount;
  const auto released = *amount - std::min(*amount, *captured);
  return *refunded - std::min(*refunded, released);
}

Checked<Event> read_refund(const Payload& event, const Payload& charge) {
  if (!charge.find_bool("captured").value_or(false)) {
    return Ignored{"an authorisation was released; nothing had been taken"};
  }
  const auto id = charge.text("id");
  if (!id) return std::unexpected(id.error());
  auto payment = transaction_named(charge.place_of("id"), fmt::format("stripe:{}", *id));
  if (!payment) return std::unexpected(payment.error());
  auto currency = charge.currency("currency");
  if (!currency) return std::unexpected(currency.error());
  const auto total = read_refunded(charge, *currency);
  if (!total) return std::unexpected(total.error());
  if (*total == 0) return Ignored{"nothing of what was taken went back"};
  // A name for each total: a repeat of one event is known by it, the next refund is another.
  auto name = transaction_named(charge.place_of("id"), fmt::format("stripe:{}:refunded:{}", *id, *total));
  if (!name) return std::unexpected(name.error());
  const auto occurred_at = event.integer("created");
  if (!occurred_at) return std::unexpected(occurred_at.error());

  return Refund{.provider = Provider::Stripe,
                .refund = std::move(*name),
                .payment = std::move(*payment),
                .fingerprint = std::nullopt,
                .amount = *total,
                .cumulative = true,
                .currency = std::move(*currency),
                .occurred_at = *occurred_at};
}

std::string why_unused(std::string_view type) {
  for (const auto& [other, reason] : kToldElsewhere) {
    if (type == other) return fmt::format("events of type {} are not used: {}", type, reason);
  }
  return fmt::format("events of type {} are not used", brief(type));
}

}  // namespace

Checked<Event> read_stripe_event(std::string_view body, const crypto::Secret& pepper) {
  const auto event = Payload::parse(body);
  if (!event) return std::unexpected(event.error());
  const auto object = event->find_text("object");
  if (object == "v2.core.event") {
    return refuse(RefusalKind::UnsupportedPayload,
                  "this is a thin event, which carries no charge; send snapshot events to this URL instead "
                  "(payload style \"snapshot\" of the event destination)");
  }
  if (object && *object != "event") {
    return refuse(RefusalKind::MalformedPayload, "object is not \"event\": this is no event of Stripe's");
  }
  const auto type = event->text("type");
  if (!type) return std::unexpected(type.error());
  const bool purchase = *type == "charge.succeeded" || *type == "charge.captured";
  if (!purchase && *type != "charge.refunded") return Ignored{why_unused(*type)};

  const auto data = event->object("data");
  if (!data) return std::unexpected(data.error());
  const auto charge = data->object("object");
  if (!charge) return std::unexpected(charge.error());
  return purchase ? read_purchase(*event, *type, *charge, pepper) : read_refund(*event, *charge);
}

}  // namespace loopstate::webhook
