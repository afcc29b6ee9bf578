#include "http/client/connection.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace loopstate::http {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::Cancelled, "the call was cancelled");
}

}  // namespace

ClientConnection::ClientConnection(const asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls,
                                   std::size_t reply_bytes_max)
    : tls_context_(std::move(tls)), socket_(executor), reader_(reply_bytes_max) {}

ClientConnection::~ClientConnection() {
  // OpenSSL takes a session whose connection ended without a farewell for one that can't be resumed.
  if (tls_ != nullptr) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Result<void> ClientConnection::open_socket(const tcp::endpoint& address) {
  error_code error;
  socket_.open(address.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) {
    return fail(ErrorCode::ConnectionFailed, fmt::format("no socket could be opened: {}", error.message()),
                true);
  }
  socket_.set_option(tcp::no_delay(true), error);
  return {};
}

Task<Result<void>> ClientConnection::connect(tcp::endpoint address, Endpoint endpoint) {
  error_code error;
  co_await socket_.async_connect(address, redirect_error(use_awaitable, error));
  if (error == asio::error::operation_aborted) co_return cancelled();
  if (error) {
    co_return fail(ErrorCode::ConnectionFailed,
                   fmt::format("no connection to {} at {}: {}", endpoint.url(), address.address().to_string(),
                               error.message()),
                   true);
  }
  if (tls_context_ == nullptr) co_return Result<void>();

  tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, tls_context_->context());
  tls_context_->prepare(tls_->native_handle(), endpoint.host);
  co_await tls_->async_handshake(asio::ssl::stream_base::client, redirect_error(use_awaitable, error));
  if (error == asio::error::operation_aborted) co_return cancelled();
  if (error) {
    // A peer that hangs up may do better next time; a certificate that was refused will not.
    const bool passing = error.category() == asio::error::get_system_category() ||
                         error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    co_return fail(ErrorCode::TlsFailed,
                   fmt::format("no secure connection to {}: {}", endpoint.url(),
                               tls_failure(tls_->native_handle(), error.message())),
                   passing);
  }
  co_return Result<void>();
}

std::size_t ClientConnection::write_at_once(std::string_view bytes, error_code& error) {
  if (tls_ != nullptr) return 0;
  const std::size_t written = socket_.send(asio::buffer(bytes), 0, error);
  if (error == asio::error::would_block) error = {};
  return written;
}

Task<error_code> ClientConnection::write(std::string_view bytes) {
  error_code error;
  if (tls_ == nullptr) {
    co_await asio::async_write(socket_, asio::buffer(bytes), redirect_error(use_awaitable, error));
  } else {
    co_await asio::async_write(*tls_, asio::buffer(bytes), redirect_error(use_awaitable, error));
  }
  co_return error;
}

Task<ClientConnection::Exchange> ClientConnection::exchange(const std::string* request, bool to_head) {
  Exchange out{Result<ClientReply>(), false, false, false};
  reader_.begin(to_head);
  error_code error;
  // Mostly it fits into the socket's buffer, and the event loop needn't be asked.
  const std::size_t written = write_at_once(*request, error);
  out.sent = written > 0;
  if (!error && written < request->size()) {
    out.sent = true;
    error = co_await write(std::string_view(*request).substr(written));
  }
  while (!error) {
    const ReplyReader::Space space = reader_.space();
    const asio::mutable_buffer buffer(space.data, space.size);
    std::size_t count = 0;
    if (tls_ == nullptr) {
      count = co_await socket_.async_read_some(buffer, redirect_error(use_awaitable, error));
    } else {
      count = co_await tls_->async_read_some(buffer, redirect_error(use_awaitable, error));
    }
    if (error) break;
    Result<bool> complete = reader_.received(count);
    out.reply_started = true;
    if (!complete) {
      out.reply = std::unexpected(std::move(complete.error()));
      co_return out;
    }
    if (*complete) {
      used_ = true;
      out.usable = reader_.keep_alive();
      out.reply = reader_.take();
      co_return out;
    }
  }
  if (error == asio::error::operation_aborted) {
    out.reply = cancelled();
    co_return out;
  }
  const bool at_end = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  // Over TLS an end without a close notification may be an attacker's: it never completes a reply.
  if (error == asio::error::eof && reader_.closed()) {
    out.reply = reader_.take();
  } else if (out.reply_started) {
    out.reply = fail(ErrorCode::ProtocolError, "the server's reply ended before it was complete", true);
  } else {
    out.reply = fail(ErrorCode::ConnectionFailed,
                     at_end ? std::string("the server closed the connection without a reply")
                            : fmt::format("the connection failed: {}", error.message()),
                     true);
  }
  co_return out;
}

bool ClientConnection::is_dead() {
  char byte = 0;
  error_code error;
  const std::size_t count = socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  if (error == asio::error::would_block) return false;
  // Over TLS a byte may be a session ticket or an alert; the next read tells.
  return tls_ == nullptr || error || count == 0;
}

}  // namespace loopstate::http
