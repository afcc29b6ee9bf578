// A signed delivery on its way to an agent.
#pragma once

#include <string>

#include "http/client/client.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"
#include "signed_delivery.hpp"

namespace loopstate::demo {

struct Answered {
  unsigned status = 0;
  std::string outcome;  ///< what the agent's JSON says
};

/// The errors are those of http::Transport::send.
Task<Result<Answered>> post(http::Client* client, SignedDelivery delivery, http::Repeat repeat);

/// Waits, up to ten seconds, until somebody listens there: an agent may just have been started.
Task<Result<void>> wait_for_agent(http::Client* client);

}  // namespace loopstate::demo
