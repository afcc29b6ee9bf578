#include "store/rows/card_row.hpp"

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {
namespace {

void read_details(const table::Item& row, Card& card) {
  if (const auto* last4 = row.string(attribute::kCardLast4)) card.last4 = *last4;
  card.linked_at = row.time(attribute::kLinkedAt).value_or(Timestamp{});
}

void write_details(const Card& card, table::Item& row) {
  row.attributes.set(std::string(attribute::kCardLast4), card.last4);
  row.attributes.set(std::string(attribute::kLinkedAt), table::Value::time(card.linked_at));
}

}  // namespace

Result<Card> card_from_row(const table::Item& row) {
  Card card;
  card.fingerprint = stored_name<Fingerprint>(row.key.pk.substr(kCardPrefix.size()));
  TRY(auto user, need_string(row, attribute::kUserPubkey));
  card.user = stored_name<UserId>(std::move(user));
  read_details(row, card);
  return card;
}

Result<Card> card_from_user_row(const table::Item& row) {
  Card card;
  card.fingerprint = stored_name<Fingerprint>(row.key.sk.substr(kCardPrefix.size()));
  card.user = stored_name<UserId>(row.key.pk.substr(kUserPrefix.size()));
  read_details(row, card);
  return card;
}

table::Item card_row(const Card& card) {
  table::Item row;
  row.key = card_key(card.fingerprint.text());
  row.attributes.set(std::string(attribute::kFingerprint), card.fingerprint.text());
  row.attributes.set(std::string(attribute::kUserPubkey), card.user.text());
  write_details(card, row);
  return row;
}

table::Item user_card_row(const Card& card) {
  table::Item row;
  row.key = user_card_key(card.user.text(), card.fingerprint.text());
  write_details(card, row);
  return row;
}

table::Condition belongs_to(std::string_view user) {
  return table::Condition::equals(attribute::kUserPubkey, table::Value(user));
}

std::unexpected<Error> linked_elsewhere() {
  return fail(ErrorCode::CardLinkedElsewhere, "the card is linked to another user");
}

table::Condition card_unchanged(const table::Item& row) {
  std::vector<table::Condition> same;
  for (const auto name : {attribute::kUserPubkey, attribute::kCardLast4, attribute::kLinkedAt}) {
    const auto* value = row.find(name);
    same.push_back(value == nullptr ? table::Condition::absent(name)
                                    : table::Condition::equals(name, *value));
  }
  return table::Condition::all_of(std::move(same));
}

}  // namespace loopstate::store
