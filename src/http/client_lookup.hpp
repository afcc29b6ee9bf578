// Name look-up on a thread of its own, so that a slow one never holds up anything but those who wait for it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <vector>

#include "http/client_endpoint.hpp"
#include "loopstate/error.hpp"

namespace loopstate::http {

using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

/// The address itself where the host is one; otherwise nothing.
Addresses literal_address(const Endpoint& endpoint);

/// Calls `done` from another thread: the addresses, or NameResolutionFailed. The system's resolver cannot be
/// interrupted: `done` comes when it comes, and must not rely on anything that may be gone by then.
void look_up(Endpoint endpoint, std::function<void(Result<Addresses>)> done);

}  // namespace loopstate::http
