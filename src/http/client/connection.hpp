// One connection: opened, then written to and read from. What is said over it is its protocol's business.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "http/client/tls_context.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::http {

/// Whom to expect at the other end.
struct Peer {
  std::string name;      ///< for messages: "https://host:port"
  std::string tls_name;  ///< the host or address that its certificate must be for
};

/// Used by one call at a time. Nothing here knows a deadline: the pool shuts the socket down when it passes.
class Connection {
 public:
  /// The socket exists from here on, unconnected. `tls` is null for a plain connection.
  Connection(const boost::asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The descriptor, once `open_socket` succeeded.
  int descriptor() { return socket_.native_handle(); }
  Result<void> open_socket(const boost::asio::ip::tcp::endpoint& address);
  /// ConnectionFailed, TlsFailed, Cancelled.
  Task<Result<void>> connect(boost::asio::ip::tcp::endpoint address, Peer peer);

  /// Whether a request was answered on it before.
  bool used() const noexcept { return used_; }
  /// Checks the socket: the peer closed it, or sent what nobody asked for.
  bool is_dead();

 protected:
  /// As much as the socket takes at once: mostly all of it, without involving the event loop.
  std::size_t write_at_once(std::string_view bytes, boost::system::error_code& error);
  /// All of it. `bytes` and `error` outlive the call.
  Task<std::size_t> write(std::string_view bytes, boost::system::error_code* error);
  /// At least one byte, or an error.
  Task<std::size_t> read_some(boost::asio::mutable_buffer buffer, boost::system::error_code* error);
  void set_used() noexcept { used_ = true; }

 private:
  std::shared_ptr<TlsContext> tls_context_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  bool used_ = false;
};

/// Whether the peer ended the connection, cleanly or not.
bool is_end(const boost::system::error_code& error) noexcept;

}  // namespace loopstate::http
