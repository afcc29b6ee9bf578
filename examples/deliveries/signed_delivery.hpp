// A delivery signed as its provider signs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loopstate/error.hpp"
#include "manifest.hpp"
#include "webhook/settings.hpp"

namespace loopstate::demo {

struct SignedDelivery {
  std::string path;  ///< "/webhooks/square"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Signs with the first secret of the provider (of the kind, for Fidel). InvalidArgument when there is none,
/// or when a body that is to be tampered with has no amount.
Result<SignedDelivery> sign(const Step& step, std::string body, std::int64_t now_ms,
                            const webhook::WebhookSettings& settings);

}  // namespace loopstate::demo
