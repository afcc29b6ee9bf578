// The agent as a stand-alone program: an HTTP server in front of it, and signals that end it cleanly.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/counters.hpp"
#include "log/log.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/store.hpp"

namespace loopstate::agent {

struct ServeOptions {
  /// `HOST:PORT` or `[IPV6]:PORT`; the host is a numeric address or "localhost". Port 0: any free one.
  std::string listen = "127.0.0.1:8080";
  /// The same for /healthz and /metrics, which nobody but the operators should reach; "off":
  /// neither. Empty: 127.0.0.1, at the port after that of `listen` (if that is 0 or 65535: any free
  /// one).
  std::string admin_listen;
  /// Concurrent webhook connections, in total and per peer: http::ServerLimits.
  std::size_t connections_max = 256;
  std::size_t connections_per_peer_max = 128;
  Store store;
  /// Where the webhook secrets and the pepper are read from (docs/operations.md).
  Environment environment;
  log::Logger log;
  /// For /metrics: the program's version, and what the store takes, measured at each scrape from any thread;
  /// null or nothing for a store that is not a file.
  std::string version = {};
  std::function<std::optional<Counters::Storage>()> storage = {};
  /// Threads that serve, 1 to 64; 0: one for each hardware thread.
  unsigned threads = 1;
  /// How long SIGTERM or SIGINT waits for requests in flight; then connections are cut. A second signal cuts
  /// at once.
  std::chrono::milliseconds grace{25'000};
  /// Called once the port is bound, with the address and port that clients use, before any request is served.
  std::function<void(const std::string& address, std::uint16_t port)> on_listening;
  /// The same for the admin listener, called before the other; not called if it is off.
  std::function<void(const std::string& address, std::uint16_t port)> on_admin_listening;
};

/// Serves `POST /webhooks/{square,stripe,fidel}`, and on a separate listener `GET /healthz` and
/// `GET /metrics`, until SIGTERM or SIGINT; then finishes what is in flight and returns. Blocks; only one per
/// process, since it owns the two signals while it runs.
/// InvalidArgument: the address, a setting, or no provider is switched on.
/// StorageFailure: the address cannot be bound.
Result<void> serve(ServeOptions options);

}  // namespace loopstate::agent
