// Name look-up on a separate thread, so that a slow one holds up only those who wait for it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <vector>

#include "http/client/endpoint.hpp"
#include "loopstate/error.hpp"

namespace loopstate::http {

using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

/// The address itself if the host is one; otherwise nothing.
Addresses literal_address(const Endpoint& endpoint);

/// Where to look, instead of the system's own files; for tests.
struct LookUpPlaces {
  std::string servers;  ///< "ADDRESS:PORT,..." instead of /etc/resolv.conf's; empty: those
};

/// Calls `done` from another thread, within 10 s: with the addresses, those that this machine reaches best
/// first (RFC 6724), or NameResolutionFailed, retryable if asking again may help. `done` must not rely on
/// anything that may be gone by then.
///
/// Reads /etc/hosts and asks the servers of /etc/resolv.conf, in the order of /etc/nsswitch.conf, for both
/// IPv4 and IPv6. Uses c-ares rather than the C library's getaddrinfo, which loads its modules at run time: a
/// static program could use them only on a machine with the exact C library that it was built with.
void look_up(Endpoint endpoint, std::function<void(Result<Addresses>)> done, LookUpPlaces places = {});

}  // namespace loopstate::http
