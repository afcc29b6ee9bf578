// The connections to one server, whatever protocol they speak, kept separately for each event loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "http/client/connection_pool.hpp"

namespace loopstate::http {

/// May be used from several threads and event loops. A waiter keeps it alive.
class ConnectionPools : public std::enable_shared_from_this<ConnectionPools> {
 public:
  /// Connects nothing yet. `tls` is null for plain connections.
  ConnectionPools(Endpoint endpoint, Peer peer, ClientSettings settings, std::shared_ptr<TlsContext> tls,
                  MakeConnection make_connection);

  /// A connection of the caller's event loop, ready to take a request. `fresh`: one that nobody has used
  /// yet, and the idle ones are given up. DeadlineExceeded, Cancelled, NameResolutionFailed,
  /// ConnectionFailed, TlsFailed, Unavailable (too many calls are waiting already).
  Task<Result<Lease>> take(Deadline deadline, bool fresh);

  /// Idle connections close now, the others when their calls end.
  void retire();

  const Endpoint& endpoint() const noexcept { return shared_->endpoint; }
  /// Over all event loops, so far.
  std::uint64_t connections_opened() const noexcept {
    return shared_->opened.load(std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<ConnectionPool> pool_for(const boost::asio::any_io_executor& executor);

  std::shared_ptr<PoolShared> shared_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<ConnectionPool>> pools_;
};

/// The event loop under `executor`: what outlives the call that made it runs there, not on a caller's strand.
boost::asio::any_io_executor loop_of(const boost::asio::any_io_executor& executor);

}  // namespace loopstate::http
