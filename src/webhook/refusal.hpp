// How a delivery is refused.
#pragma once

#include <string>
#include <utility>

#include "loopstate/webhook_refusal.hpp"

namespace loopstate::webhook {

inline std::unexpected<Refusal> refuse(RefusalKind kind, std::string message) {
  return std::unexpected(Refusal{kind, std::move(message)});
}

}  // namespace loopstate::webhook
