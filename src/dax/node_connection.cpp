#include "dax/node_connection.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "dax/reply_scanner.hpp"

namespace loopstate::dax {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Space for a large reply is not kept for the small ones after it.
constexpr std::size_t kKeptBytes = 64u << 10;

}  // namespace

bool NodeConnection::is_authorized(const aws::CredentialsPtr& credentials, Instant now) const noexcept {
  return authorized_as_ == credentials && elapsed(authorized_at_, now) < kAuthorizationRenewal;
}

std::string NodeConnection::preamble(std::string_view session, const aws::CredentialsPtr& credentials,
                                     Authorizer& authorizer, Instant now, const Clock& clock) {
  std::string out;
  if (!greeted_) out = greeting(session);
  greeted_ = true;
  if (!is_authorized(credentials, now)) {
    out += authorizer.call(*credentials, clock.now());
    authorized_as_ = credentials;
    authorized_at_ = now;
  }
  return out;
}

Task<NodeConnection::Exchange> NodeConnection::exchange(const std::string* call, Method method) {
  Exchange out{Result<std::string_view>(), false, false, false};
  error_code error;
  const std::size_t written = write_at_once(*call, error);
  out.sent = written > 0;
  if (!error && written < call->size()) {
    out.sent = true;
    co_await write(std::string_view(*call).substr(written), &error);
  }
  if (buffer_.size() > kKeptBytes) buffer_ = std::string();
  ReplyScanner scanner(method);
  std::size_t filled = 0;
  while (!error) {
    if (const std::size_t room = scanner.room(filled); buffer_.size() < room) buffer_.resize(room);
    const asio::mutable_buffer space(buffer_.data() + filled, buffer_.size() - filled);
    const std::size_t count = co_await read_some(space, &error);
    if (error) break;
    filled += count;
    out.reply_started = true;
    const std::string_view bytes = std::string_view(buffer_).substr(0, filled);
    Result<std::optional<std::size_t>> end = scanner.scan(bytes);
    if (!end) {
      out.reply = std::unexpected(std::move(end.error()));
      co_return out;
    }
    if (!*end) continue;
    set_used();
    if (**end == filled) {
      out.usable = true;
      out.reply = bytes;
    } else {
      out.reply = fail(
          ErrorCode::ProtocolError,
          fmt::format("{} unexpected bytes follow the reply to {}", filled - **end, to_string(method)), true);
    }
    co_return out;
  }
  if (error == asio::error::operation_aborted) {
    out.reply = fail(ErrorCode::Cancelled, "the call was cancelled");
  } else if (out.reply_started) {
    out.reply = fail(ErrorCode::ConnectionFailed, "the node's reply ended before it was complete", true);
  } else {
    out.reply = fail(ErrorCode::ConnectionFailed,
                     http::is_end(error) ? std::string("the node closed the connection without a reply")
                                         : fmt::format("the connection failed: {}", error.message()),
                     true);
  }
  co_return out;
}

}  // namespace loopstate::dax
