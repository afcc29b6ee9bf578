// The connections to one server, whatever protocol they speak: those of each event loop apart.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "http/client/connection_pool.hpp"

namespace loopstate::http {

/// May be used from several threads and event loops. Who waits in it holds it.
class ConnectionPools : public std::enable_shared_from_this<ConnectionPools> {
 public:
  /// Nothing is connected yet. `tls` is null for plain connections.
  ConnectionPools(Endpoint endpoint, Peer peer, ClientSettings settings, std::shared_ptr<TlsContext> tls,
                  MakeConnection make_connection);

  /// A connection that is ready to take a request, of the caller's event loop. `fresh`: one that nobody used
  /// yet, and those that are idle are given up. DeadlineExceeded, Cancelled, NameResolutionFailed,
  /// ConnectionFailed, TlsFailed, Unavailable (too many calls wait already).
  Task<Result<Lease>> take(Deadline deadline, bool fresh);

  /// Idle connections close now, the others when their calls end.
  void retire();

  const Endpoint& endpoint() const noexcept { return shared_->endpoint; }
  /// Over all event loops, since the beginning.
  std::uint64_t connections_opened() const noexcept {
    return shared_->opened.load(std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<ConnectionPool> pool_for(const boost::asio::any_io_executor& executor);

  std::shared_ptr<PoolShared> shared_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<ConnectionPool>> pools_;
};

/// The event loop under `executor`: what outlives the call that made it sits there, not on a caller's strand.
boost::asio::any_io_executor loop_of(const boost::asio::any_io_executor& executor);

}  // namespace loopstate::http
