// Which user a card belongs to.
#pragma once

#include <string>

#include "loopstate/clock.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

struct Card {
  Fingerprint fingerprint;
  UserId user;
  std::string last4;  ///< four digits, or empty
  Timestamp linked_at{};
  friend bool operator==(const Card&, const Card&) = default;
};

std::string to_json(const Card& card);

}  // namespace loopstate
