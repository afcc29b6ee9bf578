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
  std::string store_url = {};  ///< for the line that the start logs
  /// Where the webhook secrets and the pepper are read from (docs/operations.md).
  Environment environment;
  log::Logger log;
  /// For that line and /metrics: the program's version. For /metrics: what the store takes, measured at each
  /// scrape from any thread; null or nothing for a store that is not a file.
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
  /// Called after each SIGHUP was acted on: whether the new secrets are in use.
  std::function<void(bool taken)> on_reread = {};
};

/// Serves `POST /webhooks/{square,stripe,fidel}`, and on a separate listener `GET /healthz` and
/// `GET /metrics`, until SIGTERM or SIGINT; then finishes what is in flight and returns. Blocks; only one per
/// process, since it owns the signals while it runs.
///
/// SIGHUP reads secrets and settings again, as at the start. If they cannot be read, contradict one another,
/// leave no provider on or have a pepper that is not the store's, all of them stay as they were, and the log
/// says why; otherwise the next delivery is judged by the new ones.
///
/// InvalidArgument: the address, a setting, no provider is switched on, or the pepper is not the store's
/// (pepper.hpp). A store that cannot be reached at the start is asked again with the first delivery.
/// StorageFailure: the address cannot be bound.
Result<void> serve(ServeOptions options);

}  // namespace loopstate::agent
