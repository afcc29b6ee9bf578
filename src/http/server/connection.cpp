#include "http/server/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <ctime>
#include <utility>

namespace loopstate::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kReadAheadBytes = 64 << 10;
constexpr std::size_t kLingerBytes = 8 << 20;

using Parser = beast::http::request_parser<beast::http::string_body>;

ServerRequest request_of(Parser& parser) {
  auto& message = parser.get();
  ServerRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  return request;
}

template <typename Message>
void fill_header(Message& message, const ServerResponse& response, bool keep_alive) {
  if (!response.content_type.empty()) {
    message.set(beast::http::field::content_type, response.content_type);
  }
  for (const auto& entry : response.headers) message.insert(entry.name, entry.value);
  message.set(beast::http::field::date, http_date(std::time(nullptr)));
  message.keep_alive(keep_alive);
}

}  // namespace

struct ServerConnection::Received {
  ServerRequest request;
  unsigned version = 11;
  bool keep_alive = false;
};

ServerConnection::ServerConnection(asio::ip::tcp::socket socket, ServerLimits limits,
                                   std::shared_ptr<const ServerHandler> handler, log::Logger log)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      buffer_(limits.header_bytes_max + kReadAheadBytes),
      limits_(limits),
      handler_(std::move(handler)),
      log_(std::move(log)),
      since_(std::chrono::steady_clock::now().time_since_epoch().count()) {}

bool ServerConnection::has_patience(int status) {
  const bool refusal = status >= 400 && status < 500;
  refusals_ = refusal ? refusals_ + 1 : 0;
  return refusals_ < limits_.refusals_in_a_row_max;
}

Task<void> ServerConnection::run(std::function<void()> succeeded) {
  // A cancelled wait is an error code like any other: nothing here ends with an exception.
  co_await asio::this_coro::throw_if_cancelled(false);
  bool refused = false;
  for (;;) {
    auto received = co_await receive();
    if (!received) {
      refused = received.error() != 0;
      if (refused) {
        log_.info("refused a request before it was read", log::Fields().add("status", received.error()));
        co_await send(refusal(received.error()), 11, false, false);
      }
      break;
    }
    ++requests_;
    now_doing(Activity::Doing::Serving);
    const bool head = received->request.method == "HEAD";
    auto response = co_await answer(std::move(received->request));
    const int status = response.status;
    const bool keep_alive = has_patience(status) && received->keep_alive && !finishing_;
    if (succeeded && status >= 200 && status < 300) std::exchange(succeeded, nullptr)();
    now_doing(Activity::Doing::Sending);
    const bool sent = co_await send(std::move(response), received->version, keep_alive, head);
    if (!sent || !keep_alive) break;
    // What was read of the request, including card ids, does not stay until the next request overwrites it.
    buffer_.shrink_to_fit();
    now_doing(Activity::Doing::Waiting);
  }
  if ((refused || buffer_.size() > 0) && !given_up_) co_await linger();
  error_code ignored;
  socket_.close(ignored);
}

Task<void> ServerConnection::refuse() {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (co_await send(refusal(503), 11, false, false)) co_await linger();
  error_code ignored;
  socket_.close(ignored);
}

void ServerConnection::finish() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->finishing_ = true;
    error_code ignored;
    if (self->waiting_) self->socket_.cancel(ignored);
  });
}

void ServerConnection::make_room(std::chrono::milliseconds patience) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), patience] {
    self->finishing_ = true;
    const auto [doing, since] = self->activity();
    if (doing == Activity::Doing::Serving) return;
    // It is another answer than the one that was too slow.
    if (doing == Activity::Doing::Sending && std::chrono::steady_clock::now() - since <= patience) return;
    self->given_up_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void ServerConnection::now_doing(Activity::Doing what) {
  since_.store(std::chrono::steady_clock::now().time_since_epoch().count());
  doing_.store(what);
}

Activity ServerConnection::activity() const {
  const std::chrono::steady_clock::duration since(since_.load());
  return {doing_.load(), std::chrono::steady_clock::time_point(since)};
}

void ServerConnection::cut() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->finishing_ = true;
    self->cancellation_.emit(asio::cancellation_type::terminal);
    error_code ignored;
    self->socket_.close(ignored);
  });
}

Task<bool> ServerConnection::wait_for_first_byte() {
  phase_ = ReadPhase::Idle;
  if (finishing_) co_return false;
  // A client that has only just connected has to say something soon.
  arm(requests_ == 0 ? limits_.header_timeout : limits_.idle_timeout);
  waiting_ = true;
  error_code error;
  const auto bytes = co_await socket_.async_read_some(buffer_.prepare(kReadBytes),
                                                      asio::redirect_error(asio::use_awaitable, error));
  waiting_ = false;
  disarm();
  buffer_.commit(bytes);
  co_return bytes > 0;
}

Task<std::expected<ServerConnection::Received, int>> ServerConnection::receive() {
  if (buffer_.size() == 0 && !co_await wait_for_first_byte()) co_return std::unexpected(0);
  now_doing(Activity::Doing::Receiving);

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser.body_limit(limits_.body_bytes_max);
  error_code error;
  phase_ = ReadPhase::Header;
  arm(limits_.header_timeout);
  co_await beast::http::async_read_header(socket_, buffer_, parser,
                                          asio::redirect_error(asio::use_awaitable, error));
  disarm();
  if (error) co_return std::unexpected(status_of(phase_, why(error)));

  Received received;
  received.request = request_of(parser);
  received.version = parser.get().version();
  received.keep_alive = parser.keep_alive();
  if (const int status = check_request(received.version, received.request)) {
    co_return std::unexpected(status);
  }
  if (!parser.is_done()) {
    phase_ = ReadPhase::Body;
    if (expects_continue(received.version, received.request) && !co_await send_continue()) {
      co_return std::unexpected(0);
    }
    arm(limits_.body_timeout);
    co_await beast::http::async_read(socket_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    disarm();
    if (error) co_return std::unexpected(status_of(phase_, why(error)));
  }
  received.request.body = std::move(parser.get().body());
  co_return received;
}

Task<ServerResponse> ServerConnection::answer(ServerRequest request) {
  std::string what;
  try {
    ServerResponse response = co_await (*handler_)(std::move(request));
    co_return response;
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    what = "an unknown exception";
  }
  log_.error("a request's handler failed; answered 500", log::Fields().add("reason", what));
  co_return refusal(500);
}

Task<bool> ServerConnection::send(ServerResponse response, unsigned version, bool keep_alive, bool head) {
  const auto status = static_cast<unsigned>(response.status);
  error_code error;
  arm(limits_.write_timeout);
  if (head) {
    beast::http::response<beast::http::empty_body> message;
    message.version(version);
    message.result(status);
    fill_header(message, response, keep_alive);
    message.content_length(response.body.size());
    co_await beast::http::async_write(socket_, message, asio::redirect_error(asio::use_awaitable, error));
  } else {
    beast::http::response<beast::http::string_body> message;
    message.version(version);
    message.result(status);
    fill_header(message, response, keep_alive);
    message.body() = std::move(response.body);
    message.prepare_payload();
    co_await beast::http::async_write(socket_, message, asio::redirect_error(asio::use_awaitable, error));
  }
  disarm();
  co_return !error;
}

Task<bool> ServerConnection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code error;
  arm(limits_.write_timeout);
  co_await asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                             asio::redirect_error(asio::use_awaitable, error));
  disarm();
  co_return !error;
}

Task<void> ServerConnection::linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) co_return;
  arm(limits_.linger_timeout);
  for (std::size_t total = 0; total < kLingerBytes && !error;) {
    buffer_.clear();
    total += co_await socket_.async_read_some(buffer_.prepare(kReadBytes),
                                              asio::redirect_error(asio::use_awaitable, error));
  }
  disarm();
}

void ServerConnection::arm(std::chrono::milliseconds timeout) {
  timed_out_ = false;
  timer_.expires_after(timeout);
  timer_.async_wait([weak = weak_from_this(), arming = ++armed_](error_code error) {
    const auto self = weak.lock();
    if (error || !self || self->armed_ != arming) return;
    self->timed_out_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void ServerConnection::disarm() {
  ++armed_;
  timer_.cancel();
}

ReadFailure ServerConnection::why(const error_code& error) const {
  namespace http = beast::http;
  if (timed_out_) return ReadFailure::TimedOut;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return ReadFailure::HeaderTooLarge;
  }
  if (error == http::error::body_limit) return ReadFailure::BodyTooLarge;
  if (error == http::error::end_of_stream) return ReadFailure::Closed;
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return ReadFailure::Malformed;
  }
  return finishing_ ? ReadFailure::Stopping : ReadFailure::Closed;
}

}  // namespace loopstate::http
