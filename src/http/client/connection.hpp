// One connection: opened, then one request after another.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <memory>

#include "http/client/endpoint.hpp"
#include "http/client/message.hpp"
#include "http/client/reply_reader.hpp"
#include "http/client/tls_context.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::http {

/// Used by one call at a time. Nothing here knows a deadline: the pool shuts the socket down when it comes.
class ClientConnection {
 public:
  /// The socket exists from here on, unconnected. `tls` is null for plain HTTP.
  ClientConnection(const boost::asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls,
                   std::size_t reply_bytes_max);

  ~ClientConnection();

  /// The descriptor, once `open_socket` succeeded.
  int descriptor() { return socket_.native_handle(); }
  Result<void> open_socket(const boost::asio::ip::tcp::endpoint& address);
  /// ConnectionFailed, TlsFailed, Cancelled.
  Task<Result<void>> connect(boost::asio::ip::tcp::endpoint address, Endpoint endpoint);

  /// What became of a request. `sent`: the server may have acted on it.
  struct Exchange {
    Result<ClientReply> reply;
    bool sent = false;
    bool reply_started = false;
    bool usable = false;  ///< the connection can take another request
  };
  /// `request`: all of its bytes; outlives the call. `to_head`: no body follows the reply's headers.
  Task<Exchange> exchange(const std::string* request, bool to_head);

  /// Whether a request was answered on it before.
  bool used() const noexcept { return used_; }
  /// A look at the socket: the peer closed it, or sent what nobody asked for.
  bool is_dead();

 private:
  /// As much as the socket takes at once.
  std::size_t write_at_once(std::string_view bytes, boost::system::error_code& error);
  Task<boost::system::error_code> write(std::string_view bytes);

  std::shared_ptr<TlsContext> tls_context_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  ReplyReader reader_;
  bool used_ = false;
};

}  // namespace loopstate::http
