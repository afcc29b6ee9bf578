// An HTTP/1.1 client for one server: connections are kept open, bounded, and waited for under the deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "http/client/endpoint.hpp"
#include "http/client/message.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::http {

struct ClientSettings {
  std::size_t connections_max = 64;  ///< for each event loop (Asio execution context) that calls
  std::size_t waiting_max = 4096;    ///< calls waiting for a connection; one more is refused
  std::chrono::milliseconds idle_max{50'000};
  std::chrono::milliseconds connect_timeout{3'000};  ///< for each address, TLS handshake included
  std::size_t reply_bytes_max = 32u << 20;
  std::string ca_bundle;  ///< a PEM file that replaces the system's authorities; empty: the system's
};

/// Whether sending the request twice is as good as sending it once.
enum class Repeat : bool { Never, Harmless };

/// A request that got no reply.
struct ClientFailure {
  Error error;
  bool sent = false;  ///< the server may have acted on it
};

using ClientOutcome = std::expected<ClientReply, ClientFailure>;

/// Something that answers requests; tests put their own here.
class Transport {
 public:
  virtual ~Transport() = default;

  /// A reply of any status, or why there is none: DeadlineExceeded, Cancelled, NameResolutionFailed,
  /// ConnectionFailed, TlsFailed, ProtocolError, Unavailable (too many calls are waiting already, or the
  /// request may not be sent any more).
  virtual Task<ClientOutcome> send(ClientRequest request, Deadline deadline, Repeat repeat) = 0;

  /// Opens a connection ahead of its use; does nothing if an idle one exists. The errors of `send`.
  virtual Task<Result<void>> warm_up(Deadline deadline) = 0;
};

/// May be used from several threads and event loops; each loop has its own connections. A call that was sent
/// on an idle connection and failed before any byte of the reply is sent once more on a fresh one, if that is
/// harmless; the result then says that it was sent before. Cancelling a call closes its connection.
/// Destroying the client lets calls in flight end.
class Client final : public Transport {
 public:
  /// InvalidArgument: the CA bundle cannot be read. Connects nothing yet.
  static Result<std::unique_ptr<Client>> create(Endpoint endpoint, ClientSettings settings);
  ~Client() override;

  Task<ClientOutcome> send(ClientRequest request, Deadline deadline, Repeat repeat) override;

  Task<Result<void>> warm_up(Deadline deadline) override;

  const Endpoint& endpoint() const noexcept;
  /// Connections opened so far, over all event loops.
  std::uint64_t connections_opened() const noexcept;

 private:
  struct State;
  explicit Client(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace loopstate::http
