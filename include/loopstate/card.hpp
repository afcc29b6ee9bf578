// Which user a card belongs to.
#pragma once

#include <string>

#include "loopstate/clock.hpp"

namespace loopstate {

struct Card {
  std::string fingerprint;
  std::string user_pubkey;
  std::string card_last4;
  Timestamp linked_at{};
  friend bool operator==(const Card&, const Card&) = default;
};

std::string to_json(const Card& card);

}  // namespace loopstate
