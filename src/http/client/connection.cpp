#include "http/client/connection.hpp"

#include <fmt/format.h>

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

std::unexpected<Error> connecting_cancelled() {
  return fail(ErrorCode::Cancelled, "the call was cancelled");
}

}  // namespace

bool is_end(const error_code& error) noexcept {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

Connection::Connection(const asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls)
    : tls_context_(std::move(tls)), socket_(executor) {}

Connection::~Connection() {
  // OpenSSL treats a session whose connection ended without a shutdown as one that cannot be resumed.
  if (tls_ != nullptr) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Result<void> Connection::open_socket(const tcp::endpoint& address) {
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

Task<Result<void>> Connection::connect(tcp::endpoint address, Peer peer) {
  error_code error;
  co_await socket_.async_connect(address, redirect_error(use_awaitable, error));
  if (error == asio::error::operation_aborted) co_return connecting_cancelled();
  if (error) {
    co_return fail(ErrorCode::ConnectionFailed,
                   fmt::format("no connection to {} at {}: {}", peer.name, address.address().to_string(),
                               error.message()),
                   true);
  }
  if (tls_context_ == nullptr) co_return Result<void>();

  tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, tls_context_->context());
  tls_context_->prepare(tls_->native_handle(), peer.tls_name);
  co_await tls_->async_handshake(asio::ssl::stream_base::client, redirect_error(use_awaitable, error));
  if (error == asio::error::operation_aborted) co_return connecting_cancelled();
  if (error) {
    // A peer that hangs up may do better next time; a certificate that was refused will not.
    const bool passing = error.category() == asio::error::get_system_category() || is_end(error);
    co_return fail(ErrorCode::TlsFailed,
                   fmt::format("no secure connection to {}: {}", peer.name,
                               tls_failure(tls_->native_handle(), error.message())),
                   passing);
  }
  co_return Result<void>();
}

std::size_t Connection::write_at_once(std::string_view bytes, error_code& error) {
  if (tls_ != nullptr) return 0;
  const std::size_t written = socket_.send(asio::buffer(bytes), 0, error);
  if (error == asio::error::would_block) error = {};
  return written;
}

// Asio's own operations, passed on: a coroutine around each would cost every request two more.
Task<std::size_t> Connection::write(std::string_view bytes, error_code* error) {
  if (tls_ == nullptr)
    return asio::async_write(socket_, asio::buffer(bytes), redirect_error(use_awaitable, *error));
  return asio::async_write(*tls_, asio::buffer(bytes), redirect_error(use_awaitable, *error));
}

Task<std::size_t> Connection::read_some(asio::mutable_buffer buffer, error_code* error) {
  if (tls_ == nullptr) return socket_.async_read_some(buffer, redirect_error(use_awaitable, *error));
  return tls_->async_read_some(buffer, redirect_error(use_awaitable, *error));
}

bool Connection::is_dead() {
  char byte = 0;
  error_code error;
  const std::size_t count = socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  const bool arrived = error != asio::error::would_block;
  if (tls_ == nullptr) return arrived;
  if (arrived && (error || count == 0)) return true;
  // Session tickets come before the first reply. What is there after one is an alert, or what nobody asked
  // for; it may have been read from the socket already, together with that reply.
  SSL* const ssl = tls_->native_handle();
  return used_ && (arrived || SSL_has_pending(ssl) != 0 || BIO_ctrl_pending(SSL_get_rbio(ssl)) > 0);
}

}  // namespace loopstate::http
