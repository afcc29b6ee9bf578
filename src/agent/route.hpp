// Which path is what.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "loopstate/webhook_delivery.hpp"

namespace loopstate::agent {

enum class Endpoint : std::uint8_t { Webhook, Health, Metrics, None };

struct Route {
  Endpoint endpoint = Endpoint::None;
  std::optional<webhook::Provider> provider;  ///< Webhook
  bool method_allowed = false;
  std::string_view allow;  ///< the value of the Allow header
};

/// Decided by the last segments of the path, since a gateway in front may prepend some:
/// `.../webhooks/square`, `.../healthz`, `.../metrics`. `path` has no query; one trailing slash is ignored.
Route route(std::string_view method, std::string_view path) noexcept;

}  // namespace loopstate::agent
