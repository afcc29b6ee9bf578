#include <fmt/format.h>

#include "base/currency.hpp"
#include "base/try.hpp"
#include "webhook/fields.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/read_event.hpp"

namespace loopstate::webhook {
namespace {

using json::Fields;

// Fidel's amounts are in major units, so the currency's number of digits must be known.
struct SignedMoney {
  Money amount{};
  bool negative = false;
};

SignedMoney read_money(const Fields& transaction) {
  const auto currency = read_currency(transaction, "currency");
  const auto exponent = currency_exponent(currency.text());
  if (!exponent) {
    transaction.wrong("currency",
                      fmt::format("{} is not known, so neither is its number of decimals", currency.text()));
  }
  const auto amount = read_amount(transaction, "amount", exponent.value_or(0));
  return {{amount.value, currency}, amount.negative};
}

// In `card`; in payloads of about 2018, among the transaction's own members.
std::optional<CardFingerprints> read_card(const Fields& transaction, Peppers peppers) {
  const auto card = transaction.find_object("card");
  auto card_id = card ? find_secret(*card, "id") : find_secret(transaction, "cardId");
  if (!card_id) return std::nullopt;
  return card_fingerprints(std::move(*card_id), peppers);
}

std::string read_last4(const Fields& transaction) {
  const auto card = transaction.find_object("card");
  return find_last4(card ? *card : transaction, "lastNumbers");
}

std::string read_scheme(const Fields& transaction) {
  const auto card = transaction.find_object("card");
  return (card ? card->find_text("scheme") : transaction.find_text("scheme")).value_or("");
}

// The first of these names that is present. A purchase without any, as some Fidel products send it, is still
// a purchase.
MerchantId read_merchant(const Fields& transaction) {
  constexpr std::pair<std::string_view, std::string_view> places[] = {
      {"brand", "id"}, {"location", "id"}, {"identifiers", "MID"}};
  for (const auto& [object, member] : places) {
    const auto owner = transaction.find_object(object);
    const auto id = owner ? owner->find_text(member) : std::nullopt;
    if (id && !id->empty()) return owner->parsed<MerchantId>(member, *id);
  }
  for (const std::string_view flat : {"brandId", "locationId"}) {
    const auto id = transaction.find_text(flat);
    if (id && !id->empty()) return transaction.parsed<MerchantId>(flat, *id);
  }
  return transaction.parsed<MerchantId>("brand.id", kUnknownMerchant);
}

std::optional<std::string> read_merchant_name(const Fields& transaction) {
  const auto brand = transaction.find_object("brand");
  auto name = brand ? brand->find_text("name") : std::nullopt;
  return name && !name->empty() ? name : std::nullopt;
}

Event read_purchase(const Fields& transaction, Money amount, Peppers peppers) {
  auto card = read_card(transaction, peppers);
  if (!card) transaction.wrong("card.id", "is missing");
  auto fingerprints = std::move(card).value_or(CardFingerprints{});
  const auto id = transaction.text("id");
  // The clearing of an authorisation has the authorisation's id, so the name says which of the two it is.
  auto name = transaction.parsed<TransactionId>("id", fmt::format("fidel:{}:clearing", id));
  // Not `datetime`, which is the shop's local time without a zone.
  const auto occurred_at = read_time(transaction, "created");
  auto merchant = read_merchant(transaction);

  return Purchase{.provider = Provider::Fidel,
                  .transaction = std::move(name),
                  .fingerprint = std::move(fingerprints.current),
                  .merchant = std::move(merchant),
                  .merchant_name = read_merchant_name(transaction),
                  .amount = amount,
                  .card_last4 = read_last4(transaction),
                  .card_brand = read_scheme(transaction),
                  .occurred_at = occurred_at,
                  .told_at = {},
                  .previous_fingerprint = std::move(fingerprints.previous)};
}

// One refund is sent twice: as a refund and as a clearing below zero, both with the transaction's id and the
// same amount. Either may come first, and one may not be registered; both get the same name, so it counts
// once.
Event read_refund(const Fields& transaction, Money amount, Peppers peppers) {
  const auto id = transaction.text("id");
  auto name = transaction.parsed<TransactionId>("id", fmt::format("fidel:{}:refund", id));
  std::optional<TransactionId> payment;
  if (const auto original = transaction.find_text("originalTransactionId"); original && !original->empty()) {
    payment = transaction.parsed<TransactionId>("originalTransactionId",
                                                fmt::format("fidel:{}:clearing", *original));
  }
  const auto occurred_at = read_time(transaction, "created");
  auto card = read_card(transaction, peppers);
  std::optional<Fingerprint> fingerprint;
  if (card) fingerprint = std::move(card->current);

  return Refund{.provider = Provider::Fidel,
                .refund = std::move(name),
                .payment = std::move(payment),
                .fingerprint = std::move(fingerprint),
                .amount = amount,
                .kind = RefundKind::Refund,
                .state = RefundState::Taken,
                .begun_at = occurred_at,
                .occurred_at = occurred_at,
                .previous_fingerprint = card ? std::move(card->previous) : std::nullopt};
}

Event read_transaction(FidelKind kind, const Fields& transaction, Peppers peppers) {
  if (kind == FidelKind::Clearing && !find_flag(transaction, "cleared").value_or(true)) {
    return Ignored{"the transaction is authorised, not cleared"};
  }
  const auto money = read_money(transaction);
  if (money.amount.minor_units == 0) return Ignored{"the transaction's amount is zero"};
  if (kind == FidelKind::Refund || money.negative) {
    return read_refund(transaction, money.amount, peppers);
  }
  return read_purchase(transaction, money.amount, peppers);
}

// Fidel does not know our users: whoever enrolled the card may have named one in its metadata.
Event read_card_linked(const Fields& card, Peppers peppers) {
  const auto metadata = card.find_object("metadata");
  const auto user_name = metadata ? metadata->find_text("user_pubkey") : std::nullopt;
  if (!user_name) return Ignored{"a card was enrolled, but its metadata has no user_pubkey"};
  auto user = UserId::parse(*user_name);
  if (!user) return Ignored{fmt::format("a card was enrolled, but in its metadata {}", user.error().message)};
  auto card_id = find_secret(card, "id");
  if (!card_id) card.wrong("id", "is missing; expected the card's id");
  auto fingerprints = card_id ? card_fingerprints(std::move(*card_id), peppers) : CardFingerprints{};
  return CardLinked{.provider = Provider::Fidel,
                    .fingerprint = std::move(fingerprints.current),
                    .user = std::move(*user),
                    .card_last4 = find_last4(card, "lastNumbers"),
                    .previous_fingerprint = std::move(fingerprints.previous)};
}

// Cards say it; if a transaction says it of itself or of its card, that counts too.
bool is_test(const Fields& payload) {
  const auto card = payload.find_object("card");
  return !find_flag(payload, "live").value_or(true) || (card && !find_flag(*card, "live").value_or(true));
}

Event read_event(FidelKind kind, const Fields& payload, Peppers peppers, TestPayments test_payments) {
  // Transactions and linked cards name no event; a payload that does, such as card.failed, is neither.
  if (const auto event = payload.find_text("event")) {
    return Ignored{fmt::format("events of type {} are not used", brief(*event))};
  }
  if (test_payments == TestPayments::Ignore && is_test(payload)) {
    return TestPayment{"an event from Fidel's sandbox (live is false), where no money moves"};
  }
  switch (kind) {
    case FidelKind::Auth:
      return Ignored{"an authorisation: its clearing counts"};
    case FidelKind::Clearing:
    case FidelKind::Refund:
      return read_transaction(kind, payload, peppers);
    case FidelKind::CardLinked:
      return read_card_linked(payload, peppers);
  }
  return Ignored{"an unknown kind of event"};
}

}  // namespace

Checked<Event> read_fidel_event(FidelKind kind, std::string_view body, Peppers peppers,
                                TestPayments test_payments) {
  TRY(const auto payload, read_document(body));
  auto event = read_event(kind, payload, peppers, test_payments);
  TRY_OK(check(payload));
  return event;
}

}  // namespace loopstate::webhook
