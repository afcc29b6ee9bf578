#include "http/client/connection_pools.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/try.hpp"

namespace loopstate::http {

namespace asio = boost::asio;

namespace {

/// Keeps an event loop's pools, and drops them before the loop itself goes.
class PoolService final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit PoolService(asio::execution_context& context) : asio::execution_context::service(context) {}

  /// `made`: whether it did not exist before.
  std::shared_ptr<ConnectionPool> pool(const std::shared_ptr<PoolShared>& server,
                                       const asio::any_io_executor& executor, bool& made) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.server.get() == server.get()) return entry.pool;
    }
    std::erase_if(entries_, [](const Entry& entry) { return entry.pool->retired(); });
    entries_.push_back({server, std::make_shared<ConnectionPool>(server, executor)});
    made = true;
    return entries_.back().pool;
  }

 private:
  struct Entry {
    std::shared_ptr<PoolShared> server;
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

}  // namespace

asio::any_io_executor loop_of(const asio::any_io_executor& executor) {
  using Loop = asio::io_context::executor_type;
  if (const auto* strand = executor.target<asio::strand<Loop>>()) return strand->get_inner_executor();
  if (const auto* strand = executor.target<asio::strand<asio::any_io_executor>>()) {
    return loop_of(strand->get_inner_executor());
  }
  return executor;
}

ConnectionPools::ConnectionPools(Endpoint endpoint, Peer peer, ClientSettings settings,
                                 std::shared_ptr<TlsContext> tls, MakeConnection make_connection)
    : shared_(std::make_shared<PoolShared>()) {
  shared_->endpoint = std::move(endpoint);
  shared_->peer = std::move(peer);
  shared_->settings = std::move(settings);
  shared_->tls = std::move(tls);
  shared_->make_connection = std::move(make_connection);
}

std::shared_ptr<ConnectionPool> ConnectionPools::pool_for(const asio::any_io_executor& executor) {
  asio::execution_context& context = asio::query(executor, asio::execution::context);
  const asio::any_io_executor loop = loop_of(executor);
  if (!asio::has_service<PoolService>(context)) {
    // What is created first is destroyed last: the pools release their sockets before the loop closes them.
    const asio::ip::tcp::socket first(loop);
  }
  bool made = false;
  auto pool = asio::use_service<PoolService>(context).pool(shared_, loop, made);
  if (made) {
    const std::lock_guard lock(mutex_);
    std::erase_if(pools_, [](const std::weak_ptr<ConnectionPool>& weak) { return weak.expired(); });
    pools_.push_back(pool);
  }
  return pool;
}

Task<Result<Lease>> ConnectionPools::take(Deadline deadline, bool fresh) {
  const auto self = shared_from_this();
  const std::shared_ptr<ConnectionPool> pool = pool_for(co_await asio::this_coro::executor);
  WaiterId waiter = 0;
  ConnectionPool::Taken taken = pool->take(deadline, fresh, waiter);
  if (std::holds_alternative<PoolState::Full>(taken)) {
    co_return fail(ErrorCode::Unavailable,
                   fmt::format("{} calls are already waiting for a connection; make fewer at once",
                               shared_->settings.waiting_max),
                   true);
  }
  if (std::holds_alternative<PoolState::Wait>(taken)) {
    CO_TRY(auto waited, co_await pool->wait(waiter, deadline));
    taken.emplace<ConnectionPool::Place>(std::move(waited));
  }
  auto& place = std::get<ConnectionPool::Place>(taken);
  if (place.open) {
    CO_TRY_OK(co_await pool->open(place.lease.id(), deadline));
  }
  co_return std::move(place.lease);
}

void ConnectionPools::retire() {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : pools_) {
    if (const auto pool = weak.lock()) pool->retire();
  }
}

}  // namespace loopstate::http
