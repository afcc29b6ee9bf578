// Where the user is: the merchant whose geofence the user entered, for an hour.
#pragma once

#include <string>

#include "loopstate/clock.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

struct Location {
  MerchantId merchant;
  Timestamp entered_at{};
  friend bool operator==(const Location&, const Location&) = default;
};

std::string to_json(const Location& location);

}  // namespace loopstate
