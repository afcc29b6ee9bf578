#include <fmt/format.h>

#include "base/currency.hpp"
#include "base/try.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/payload.hpp"
#include "webhook/read_event.hpp"

namespace loopstate::webhook {
namespace {

// Fidel's amounts are in major units, so the currency's digits have to be known.
struct Money {
  Amount amount;
  std::string currency;
};

Checked<Money> read_money(const Payload& transaction) {
  TRY(auto currency, transaction.currency("currency"));
  const auto exponent = currency_exponent(currency);
  if (!exponent) {
    return refuse(RefusalKind::MalformedPayload,
                  fmt::format("currency {} is not known, so the amount's digits are not either", currency));
  }
  TRY(const auto amount, transaction.amount("amount", *exponent));
  return Money{amount, std::move(currency)};
}

// In `card`; in payloads of about 2018 beside the transaction's own members.
std::optional<Fingerprint> read_card(const Payload& transaction, const crypto::Secret& pepper) {
  const auto card = transaction.find_object("card");
  auto card_id = card ? card->find_secret("id") : transaction.find_secret("cardId");
  if (!card_id) return std::nullopt;
  return card_fingerprint(std::move(*card_id), pepper);
}

std::string read_last4(const Payload& transaction) {
  const auto card = transaction.find_object("card");
  return last4_or_empty(card ? card->find_text("lastNumbers") : transaction.find_text("lastNumbers"));
}

std::string read_scheme(const Payload& transaction) {
  const auto card = transaction.find_object("card");
  return (card ? card->find_text("scheme") : transaction.find_text("scheme")).value_or("");
}

// The first of these names that is there. A purchase without any, as some products of Fidel's send it, is a
// purchase still.
Checked<MerchantId> read_merchant(const Payload& transaction) {
  constexpr std::pair<std::string_view, std::string_view> places[] = {
      {"brand", "id"}, {"location", "id"}, {"identifiers", "MID"}};
  for (const auto& [object, member] : places) {
    const auto owner = transaction.find_object(object);
    const auto id = owner ? owner->find_text(member) : std::nullopt;
    if (id && !id->empty()) return merchant_named(owner->place_of(member), *id);
  }
  for (const std::string_view flat : {"brandId", "locationId"}) {
    const auto id = transaction.find_text(flat);
    if (id && !id->empty()) return merchant_named(flat, *id);
  }
  return merchant_named("brand.id", kUnknownMerchant);
}

std::optional<std::string> read_merchant_name(const Payload& transaction) {
  const auto brand = transaction.find_object("brand");
  auto name = brand ? brand->find_text("name") : std::nullopt;
  return name && !name->empty() ? name : std::nullopt;
}

Checked<Event> read_purchase(const Payload& transaction, Money money, const crypto::Secret& pepper) {
  auto fingerprint = read_card(transaction, pepper);
  if (!fingerprint) return refuse(RefusalKind::MalformedPayload, "card.id is missing");
  TRY(const auto id, transaction.text("id"));
  // The clearing of an authorisation has the authorisation's id, so the name says which of the two it is.
  TRY(auto name, transaction_named("id", fmt::format("fidel:{}:clearing", id)));
  // Not `datetime`, which is the shop's local time without a zone.
  TRY(const auto occurred_at, transaction.time("created"));
  TRY(auto merchant, read_merchant(transaction));

  return Purchase{.provider = Provider::Fidel,
                  .transaction = std::move(name),
                  .fingerprint = std::move(*fingerprint),
                  .merchant = std::move(merchant),
                  .merchant_name = read_merchant_name(transaction),
                  .amount = money.amount.value,
                  .currency = std::move(money.currency),
                  .card_last4 = read_last4(transaction),
                  .card_brand = read_scheme(transaction),
                  .occurred_at = occurred_at};
}

// One refund is sent twice: as a refund and as a clearing below zero, both with the transaction's id and the
// same amount. Either may come first, and one may not be registered; both get the same name, so it counts
// once.
Checked<Event> read_refund(const Payload& transaction, Money money, const crypto::Secret& pepper) {
  TRY(const auto id, transaction.text("id"));
  TRY(auto name, transaction_named("id", fmt::format("fidel:{}:refund", id)));
  std::optional<TransactionId> payment;
  if (const auto original = transaction.find_text("originalTransactionId"); original && !original->empty()) {
    TRY(auto parsed, transaction_named("originalTransactionId", fmt::format("fidel:{}:clearing", *original)));
    payment = std::move(parsed);
  }
  TRY(const auto occurred_at, transaction.time("created"));

  return Refund{.provider = Provider::Fidel,
                .refund = std::move(name),
                .payment = std::move(payment),
                .fingerprint = read_card(transaction, pepper),
                .amount = money.amount.value,
                .kind = RefundKind::Refund,
                .state = RefundState::Taken,
                .currency = std::move(money.currency),
                .begun_at = occurred_at,
                .occurred_at = occurred_at};
}

Checked<Event> read_transaction(FidelKind kind, const Payload& transaction, const crypto::Secret& pepper) {
  if (kind == FidelKind::Clearing && !transaction.find_flag("cleared").value_or(true)) {
    return Ignored{"the transaction is authorised, not cleared"};
  }
  TRY(auto money, read_money(transaction));
  if (money.amount.value == 0) return Ignored{"the transaction's amount is zero"};
  if (kind == FidelKind::Refund || money.amount.negative) {
    return read_refund(transaction, std::move(money), pepper);
  }
  return read_purchase(transaction, std::move(money), pepper);
}

// Fidel knows no users of ours: whoever enrolled the card may have left one in its metadata.
Checked<Event> read_card_linked(const Payload& card, const crypto::Secret& pepper) {
  const auto metadata = card.find_object("metadata");
  const auto user_name = metadata ? metadata->find_text("user_pubkey") : std::nullopt;
  if (!user_name) return Ignored{"a card was enrolled, but its metadata has no user_pubkey"};
  auto user = UserId::parse(*user_name);
  if (!user) return Ignored{fmt::format("a card was enrolled, but in its metadata {}", user.error().message)};
  auto card_id = card.find_secret("id");
  if (!card_id) return refuse(RefusalKind::MalformedPayload, "id is missing; expected the card's id");
  return CardLinked{.provider = Provider::Fidel,
                    .fingerprint = card_fingerprint(std::move(*card_id), pepper),
                    .user = std::move(*user),
                    .card_last4 = last4_or_empty(card.find_text("lastNumbers"))};
}

// Cards say it, and where a transaction says it of itself or of its card, so does that.
bool is_test(const Payload& payload) {
  const auto card = payload.find_object("card");
  return !payload.find_flag("live").value_or(true) || (card && !card->find_flag("live").value_or(true));
}

}  // namespace

Checked<Event> read_fidel_event(FidelKind kind, std::string_view body, const crypto::Secret& pepper,
                                TestPayments test_payments) {
  TRY(const auto payload, Payload::parse(body));
  // Transactions and linked cards name no event; what does, such as card.failed, is none of them.
  if (const auto event = payload.find_text("event")) {
    return Ignored{fmt::format("events of type {} are not used", brief(*event))};
  }
  if (test_payments == TestPayments::Ignore && is_test(payload)) {
    return TestPayment{"an event of Fidel's sandbox (live is false), where no money moves"};
  }
  switch (kind) {
    case FidelKind::Auth:
      return Ignored{"an authorisation: its clearing counts"};
    case FidelKind::Clearing:
    case FidelKind::Refund:
      return read_transaction(kind, payload, pepper);
    case FidelKind::CardLinked:
      return read_card_linked(payload, pepper);
  }
  return Ignored{"an unknown kind of event"};
}

}  // namespace loopstate::webhook
