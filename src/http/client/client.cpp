#include "http/client/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/try.hpp"
#include "http/client/client_connection.hpp"
#include "http/client/connection_pools.hpp"

namespace loopstate::http {

namespace asio = boost::asio;

namespace {

std::string bytes_of(const ClientRequest& request, const std::string& authority) {
  std::string bytes;
  bytes.reserve(request.method().size() + request.target().size() + authority.size() +
                request.headers().size() + request.body.size() + 64);
  bytes += request.method();
  bytes += ' ';
  bytes += request.target();
  bytes += " HTTP/1.1\r\nHost: ";
  bytes += authority;
  bytes += "\r\n";
  bytes += request.headers();
  if (!request.body.empty() || request.method() == "POST" || request.method() == "PUT") {
    bytes += "Content-Length: ";
    bytes += std::to_string(request.body.size());
    bytes += "\r\n";
  }
  bytes += "\r\n";
  bytes += request.body;
  return bytes;
}

}  // namespace

struct Client::State {
  std::shared_ptr<ConnectionPools> pools;
  std::string authority;
};

Client::Client(std::shared_ptr<State> state) : state_(std::move(state)) {}

Client::~Client() {
  state_->pools->retire();
}

Result<std::unique_ptr<Client>> Client::create(Endpoint endpoint, ClientSettings settings) {
  auto state = std::make_shared<State>();
  state->authority = endpoint.authority();
  std::shared_ptr<TlsContext> tls;
  if (endpoint.tls) {
    TRY(tls, TlsContext::create(settings.ca_bundle));
  }
  Peer peer{endpoint.url(), endpoint.host};
  auto make_connection = [most = settings.reply_bytes_max](const asio::any_io_executor& executor,
                                                           const std::shared_ptr<TlsContext>& context) {
    return std::make_unique<ClientConnection>(executor, context, most);
  };
  state->pools = std::make_shared<ConnectionPools>(std::move(endpoint), std::move(peer), std::move(settings),
                                                   std::move(tls), std::move(make_connection));
  return std::unique_ptr<Client>(new Client(std::move(state)));
}

Task<ClientOutcome> Client::send(ClientRequest request, Deadline deadline, Repeat repeat) {
  const std::shared_ptr<State> state = state_;  // the client may go while we wait
  if (deadline <= std::chrono::steady_clock::now()) {
    co_return std::unexpected(ClientFailure{
        Error{ErrorCode::DeadlineExceeded, "the deadline had passed before the call", true, nullptr}, false});
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const std::string bytes = bytes_of(request, state->authority);
  const bool to_head = request.method() == "HEAD";

  ClientOutcome outcome = std::unexpected(ClientFailure{});
  bool sent_before = false;
  for (bool fresh = false;; fresh = true) {
    Result<Lease> lease = co_await state->pools->take(deadline, fresh);
    if (!lease) {
      outcome = std::unexpected(ClientFailure{std::move(lease.error()), sent_before});
      break;
    }
    auto* const connection = static_cast<ClientConnection*>(lease->connection());
    if (request.may_send && !request.may_send()) {
      lease->keep();
      outcome = std::unexpected(ClientFailure{
          Error{ErrorCode::Unavailable, "by now it was too late to send it", true, nullptr}, sent_before});
      break;
    }
    const bool reused = connection->used();
    ClientConnection::Exchange exchange = co_await connection->exchange(&bytes, to_head);
    if (exchange.reply) {
      if (exchange.usable) lease->keep();
      outcome = std::move(*exchange.reply);
      outcome->sent_before = sent_before;
      break;
    }
    ClientFailure failure{std::move(exchange.reply.error()), exchange.sent || sent_before};
    const bool cancelled = failure.error.code == ErrorCode::Cancelled;
    const bool expired = !cancelled && lease->expired();
    if (expired) {
      failure.error =
          Error{ErrorCode::DeadlineExceeded, "the deadline passed before the reply came", true, nullptr};
    }
    const bool again = reused && !fresh && !expired && !cancelled && !exchange.reply_started &&
                       (repeat == Repeat::Harmless || !exchange.sent);
    sent_before = failure.sent;
    outcome = std::unexpected(std::move(failure));
    if (!again) break;
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return outcome;
}

Task<Result<void>> Client::warm_up(Deadline deadline) {
  const std::shared_ptr<State> state = state_;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<void> outcome;
  Result<Lease> lease = co_await state->pools->take(deadline, false);
  if (lease) {
    lease->keep();
  } else {
    outcome = std::unexpected(std::move(lease.error()));
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return outcome;
}

const Endpoint& Client::endpoint() const noexcept {
  return state_->pools->endpoint();
}

std::uint64_t Client::connections_opened() const noexcept {
  return state_->pools->connections_opened();
}

}  // namespace loopstate::http
