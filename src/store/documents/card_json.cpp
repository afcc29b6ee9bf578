// A card as a person sees it.
#include "base/timestamp.hpp"
#include "json/writer.hpp"
#include "loopstate/card.hpp"

namespace loopstate {

std::string to_json(const Card& card) {
  json::Writer json;
  json.begin_object();
  json.key("fingerprint").string(card.fingerprint.text());
  json.key("user_pubkey").string(card.user.text());
  json.key("card_last4").string(card.last4);
  json.key("linked_at").number(unix_seconds(card.linked_at));
  json.end_object();
  return std::move(json).take();
}

}  // namespace loopstate
