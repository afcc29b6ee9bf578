// A small HTTP/1.1 server for requests from strangers: everything that a client can make grow or
// last is bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/log.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::http {

struct ServerLimits {
  /// When all are taken, a connection makes room that is idle, or whose client has not sent its request or
  /// taken its answer for long (`kSlowRequest`): first one without a successful request so far, from the
  /// peer with the most of these, then the one that has been idle longest. If none does, one more is answered
  /// with 503 and closed. 1 to 65,536.
  std::size_t connections_max = 256;
  /// The same for the connections of one peer: an IPv4 address, or a 64-bit IPv6 network. Behind a proxy,
  /// all connections come from one peer. 1 to 65,536.
  std::size_t connections_per_peer_max = 128;
  /// After this many 4xx answers in a row the connection is closed.
  std::size_t refusals_in_a_row_max = 8;
  std::size_t header_bytes_max = 16384;              ///< request line and headers; more: 431
  std::size_t body_bytes_max = 1 << 20;              ///< more: 413
  std::chrono::milliseconds idle_timeout{60'000};    ///< between requests; then closed silently
  std::chrono::milliseconds header_timeout{10'000};  ///< first byte to end of headers; then 408
  std::chrono::milliseconds body_timeout{20'000};    ///< end of headers to end of body; then 408
  std::chrono::milliseconds write_timeout{20'000};   ///< for a response; then closed
  std::chrono::milliseconds linger_timeout{1'000};   ///< reading on after a refusal, so that it is not lost
};

struct ServerHeader {
  std::string name;
  std::string value;
};

struct ServerRequest {
  std::string method;  ///< as sent, e.g. "POST"
  std::string target;  ///< as sent, e.g. "/webhooks/square?x=1"
  std::vector<ServerHeader> headers;
  std::string body;  ///< the raw bytes

  /// The target without query and fragment.
  std::string_view path() const noexcept;
  /// The first header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
};

struct ServerResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;  ///< left out of the answer to HEAD, but its length is not
  std::vector<ServerHeader> headers;
};

/// Called on the connection's own executor, for one request of a connection at a time. What it throws becomes
/// a 500.
using ServerHandler = std::function<Task<ServerResponse>(ServerRequest)>;

struct ServerAddress {
  std::string host;  ///< numeric, or "localhost"
  std::uint16_t port = 0;

  /// `HOST:PORT` or `[IPV6]:PORT`. InvalidArgument says what is wrong.
  static Result<ServerAddress> parse(std::string_view text);
};

/// Runs on the executor it is given, even if several threads drive it. `stop` may be called from any
/// thread.
class Server {
 public:
  /// Binds and listens. InvalidArgument: the host; StorageFailure: the address is in use or not ours.
  static Result<Server> listen(boost::asio::any_io_executor executor, ServerAddress address,
                               ServerLimits limits, ServerHandler handler, log::Logger log);

  /// The port that was bound.
  std::uint16_t port() const noexcept;

  /// Accepts until stopped, and ends when the last connection has.
  Task<void> run();

  /// Accepts no more, closes idle connections and lets requests in flight finish; after `grace` the rest is
  /// cancelled and cut. A second call can shorten the grace.
  void stop(std::chrono::milliseconds grace);

  /// Open now.
  std::size_t connections() const noexcept;

 private:
  class State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace loopstate::http
