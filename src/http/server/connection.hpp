// One client's connection: reads requests, calls the handler, writes its answers.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <expected>
#include <functional>
#include <memory>

#include "http/server/rules.hpp"
#include "http/server/server.hpp"

namespace loopstate::http {

/// Runs on the executor of its socket, a strand. `finish` and `cut` may be called from any thread.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(boost::asio::ip::tcp::socket socket, ServerLimits limits,
                   std::shared_ptr<const ServerHandler> handler, log::Logger log);

  /// Serves until the client or the server ends it. `succeeded` is called after the first answer with
  /// a 2xx status.
  Task<void> run(std::function<void()> succeeded);
  /// Says that the server is full, and ends.
  Task<void> refuse();

  /// Lets the request in flight finish, then closes; an idle connection closes at once.
  void finish();
  /// Like `finish`, but also gives up a request that has not arrived completely, and an answer that
  /// the client does not take within `patience`.
  void make_room(std::chrono::milliseconds patience);
  /// Cancels the handler and closes.
  void cut();

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }
  boost::asio::cancellation_slot slot() { return cancellation_.slot(); }
  /// What it is doing, for choosing which connection makes room. Any thread.
  Activity activity() const;

 private:
  struct Received;

  /// The next request, or the status to refuse it with; 0: close silently.
  Task<std::expected<Received, int>> receive();
  Task<bool> wait_for_first_byte();
  void now_doing(Activity::Doing what);
  Task<ServerResponse> answer(ServerRequest request);
  /// Whether this client is still served after an answer with that status.
  bool has_patience(int status);
  /// Whether it was written.
  Task<bool> send(ServerResponse response, unsigned version, bool keep_alive, bool head);
  Task<bool> send_continue();
  /// Closes our side and reads what the client still sends for a while: closing with unread bytes would reset
  /// the connection, and the client might never see the answer.
  Task<void> linger();

  /// From now until `disarm`, cancels the socket's operation when the time is over.
  void arm(std::chrono::milliseconds timeout);
  void disarm();
  ReadFailure why(const boost::system::error_code& error) const;

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  boost::asio::cancellation_signal cancellation_;
  boost::beast::flat_buffer buffer_;
  ServerLimits limits_;
  std::shared_ptr<const ServerHandler> handler_;
  log::Logger log_;
  ReadPhase phase_ = ReadPhase::Idle;
  std::uint64_t armed_ = 0;  ///< which arming the timer belongs to: an old one must not cancel the next
  std::uint64_t requests_ = 0;
  std::size_t refusals_ = 0;  ///< in a row
  bool timed_out_ = false;
  bool waiting_ = false;  ///< for the first byte of a request
  bool finishing_ = false;
  bool given_up_ = false;  ///< the place is needed immediately
  std::atomic<Activity::Doing> doing_{Activity::Doing::Waiting};
  std::atomic<std::chrono::steady_clock::rep> since_;  ///< when it began doing that
};

}  // namespace loopstate::http
