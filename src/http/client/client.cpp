#include "http/client/client.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <mutex>
#include <vector>

#include "base/try.hpp"
#include "http/client/connection_pool.hpp"

namespace loopstate::http {

namespace asio = boost::asio;

namespace {

/// Keeps an event loop's pools, and drops them before the loop itself goes.
class PoolService final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit PoolService(asio::execution_context& context) : asio::execution_context::service(context) {}

  /// `made`: whether there was none before.
  std::shared_ptr<ConnectionPool> pool(const std::shared_ptr<ClientShared>& client,
                                       const asio::any_io_executor& executor, bool& made) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.client.get() == client.get()) return entry.pool;
    }
    std::erase_if(entries_, [](const Entry& entry) { return entry.pool->retired(); });
    entries_.push_back({client, std::make_shared<ConnectionPool>(client, executor)});
    made = true;
    return entries_.back().pool;
  }

 private:
  struct Entry {
    std::shared_ptr<ClientShared> client;
    std::shared_ptr<ConnectionPool> pool;
  };

  void shutdown() override {
    std::vector<Entry> entries;
    {
      const std::lock_guard lock(mutex_);
      entries.swap(entries_);
    }
    for (const Entry& entry : entries) entry.pool->shut_down();
  }

  std::mutex mutex_;
  std::vector<Entry> entries_;
};

/// A pool outlives the call that made it, so its sockets sit on the loop itself, not on a caller's strand.
asio::any_io_executor loop_of(const asio::any_io_executor& executor) {
  using Loop = asio::io_context::executor_type;
  if (const auto* strand = executor.target<asio::strand<Loop>>()) return strand->get_inner_executor();
  if (const auto* strand = executor.target<asio::strand<asio::any_io_executor>>()) {
    return loop_of(strand->get_inner_executor());
  }
  return executor;
}

ClientFailure full(std::size_t waiting_max) {
  return {Error{ErrorCode::Unavailable,
                fmt::format("{} calls wait for a connection already; ask for less at once", waiting_max),
                true, nullptr},
          false};
}

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
  std::shared_ptr<ClientShared> shared;
  std::string authority;
  std::mutex mutex;
  std::vector<std::weak_ptr<ConnectionPool>> pools;

  std::shared_ptr<ConnectionPool> pool_for(const asio::any_io_executor& executor) {
    asio::execution_context& context = asio::query(executor, asio::execution::context);
    const asio::any_io_executor loop = loop_of(executor);
    if (!asio::has_service<PoolService>(context)) {
      // What was there first goes last: the pools let go of their sockets before the loop closes them.
      const asio::ip::tcp::socket first(loop);
    }
    bool made = false;
    auto pool = asio::use_service<PoolService>(context).pool(shared, loop, made);
    if (made) {
      const std::lock_guard lock(mutex);
      std::erase_if(pools, [](const std::weak_ptr<ConnectionPool>& weak) { return weak.expired(); });
      pools.push_back(pool);
    }
    return pool;
  }

  /// A connection that is ready to take a request.
  static Task<std::expected<Lease, ClientFailure>> connected(std::shared_ptr<ConnectionPool> pool,
                                                             Deadline deadline, bool fresh,
                                                             std::size_t waiting_max);
};

Task<std::expected<Lease, ClientFailure>> Client::State::connected(std::shared_ptr<ConnectionPool> pool,
                                                                   Deadline deadline, bool fresh,
                                                                   std::size_t waiting_max) {
  WaiterId waiter = 0;
  ConnectionPool::Taken taken = pool->take(deadline, fresh, waiter);
  if (std::holds_alternative<PoolState::Full>(taken)) co_return std::unexpected(full(waiting_max));
  if (std::holds_alternative<PoolState::Wait>(taken)) {
    Result<ConnectionPool::Place> waited = co_await pool->wait(waiter, deadline);
    if (!waited) co_return std::unexpected(ClientFailure{std::move(waited.error()), false});
    taken.emplace<ConnectionPool::Place>(std::move(*waited));
  }
  auto& place = std::get<ConnectionPool::Place>(taken);
  if (place.open) {
    Result<void> opened = co_await pool->open(place.lease.id(), deadline);
    if (!opened) co_return std::unexpected(ClientFailure{std::move(opened.error()), false});
  }
  co_return std::move(place.lease);
}

Client::Client(std::shared_ptr<State> state) : state_(std::move(state)) {}

Client::~Client() {
  const std::lock_guard lock(state_->mutex);
  for (const auto& weak : state_->pools) {
    if (const auto pool = weak.lock()) pool->retire();
  }
}

Result<std::unique_ptr<Client>> Client::create(Endpoint endpoint, ClientSettings settings) {
  auto state = std::make_shared<State>();
  state->shared = std::make_shared<ClientShared>();
  state->authority = endpoint.authority();
  if (endpoint.tls) {
    TRY(auto tls, TlsContext::create(settings.ca_bundle));
    state->shared->tls = std::move(tls);
  }
  state->shared->endpoint = std::move(endpoint);
  state->shared->settings = std::move(settings);
  return std::unique_ptr<Client>(new Client(std::move(state)));
}

Task<ClientOutcome> Client::send(ClientRequest request, Deadline deadline, Repeat repeat) {
  const std::shared_ptr<State> state = state_;  // the client may go while we wait
  if (deadline <= std::chrono::steady_clock::now()) {
    co_return std::unexpected(ClientFailure{
        Error{ErrorCode::DeadlineExceeded, "the deadline had come before the call", true, nullptr}, false});
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const std::shared_ptr<ConnectionPool> pool = state->pool_for(co_await asio::this_coro::executor);
  const std::string bytes = bytes_of(request, state->authority);
  const bool to_head = request.method() == "HEAD";

  ClientOutcome outcome = std::unexpected(ClientFailure{});
  bool sent_before = false;
  for (bool fresh = false;; fresh = true) {
    auto lease = co_await State::connected(pool, deadline, fresh, state->shared->settings.waiting_max);
    if (!lease) {
      outcome = std::unexpected(std::move(lease.error()));
      outcome.error().sent = outcome.error().sent || sent_before;
      break;
    }
    ClientConnection* connection = lease->connection();
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
      failure.error = Error{ErrorCode::DeadlineExceeded, "the deadline came before the reply", true, nullptr};
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
  const std::shared_ptr<ConnectionPool> pool = state->pool_for(co_await asio::this_coro::executor);
  Result<void> outcome;
  auto lease = co_await State::connected(pool, deadline, false, state->shared->settings.waiting_max);
  if (lease) {
    lease->keep();
  } else {
    outcome = std::unexpected(std::move(lease.error().error));
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return outcome;
}

const Endpoint& Client::endpoint() const noexcept {
  return state_->shared->endpoint;
}

std::uint64_t Client::connections_opened() const noexcept {
  return state_->shared->opened.load(std::memory_order_relaxed);
}

}  // namespace loopstate::http
