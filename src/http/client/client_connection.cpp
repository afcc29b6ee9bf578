#include "http/client/client_connection.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>

namespace loopstate::http {

namespace asio = boost::asio;
using boost::system::error_code;

Task<ClientConnection::Exchange> ClientConnection::exchange(const std::string* request, bool to_head) {
  Exchange out{Result<ClientReply>(), false, false, false};
  reader_.begin(to_head);
  error_code error;
  const std::size_t written = write_at_once(*request, error);
  out.sent = written > 0;
  if (!error && written < request->size()) {
    out.sent = true;
    co_await write(std::string_view(*request).substr(written), &error);
  }
  while (!error) {
    const ReplyReader::Space space = reader_.space();
    const asio::mutable_buffer buffer(space.data, space.size);
    const std::size_t count = co_await read_some(buffer, &error);
    if (error) break;
    Result<bool> complete = reader_.received(count);
    out.reply_started = true;
    if (!complete) {
      out.reply = std::unexpected(std::move(complete.error()));
      co_return out;
    }
    if (*complete) {
      set_used();
      out.usable = reader_.keep_alive();
      out.reply = reader_.take();
      co_return out;
    }
  }
  if (error == asio::error::operation_aborted) {
    out.reply = fail(ErrorCode::Cancelled, "the call was cancelled");
    co_return out;
  }
  // Over TLS, an end without a close notification may be an attacker's: it never completes a reply.
  if (error == asio::error::eof && reader_.closed()) {
    out.reply = reader_.take();
  } else if (out.reply_started) {
    out.reply = fail(ErrorCode::ProtocolError, "the server's reply ended before it was complete", true);
  } else {
    out.reply = fail(ErrorCode::ConnectionFailed,
                     is_end(error) ? std::string("the server closed the connection without a reply")
                                   : fmt::format("the connection failed: {}", error.message()),
                     true);
  }
  co_return out;
}

}  // namespace loopstate::http
