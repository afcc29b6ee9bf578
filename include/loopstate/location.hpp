// Where the user is: the merchant whose geofence the user entered, for an hour.
#pragma once

#include <string>

#include "loopstate/clock.hpp"

namespace loopstate {

struct Location {
  std::string merchant_id;
  Timestamp entered_at{};
  friend bool operator==(const Location&, const Location&) = default;
};

std::string to_json(const Location& location);

}  // namespace loopstate
