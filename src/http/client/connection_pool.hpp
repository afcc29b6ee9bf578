// The sockets of one event loop: hands them out, takes them back, and cuts those whose deadline has passed.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "http/client/client.hpp"
#include "http/client/connection.hpp"
#include "http/client/lookup.hpp"
#include "http/client/pool_state.hpp"
#include "http/client/watch.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"

namespace loopstate::http {

/// Makes a connection, still unconnected, that speaks the pool's protocol.
using MakeConnection = std::function<std::unique_ptr<Connection>(const boost::asio::any_io_executor& executor,
                                                                 const std::shared_ptr<TlsContext>& tls)>;

/// What the pools of one server share.
struct PoolShared {
  Endpoint endpoint;
  Peer peer;
  ClientSettings settings;
  std::shared_ptr<TlsContext> tls;  ///< null for plain connections
  MakeConnection make_connection;
  std::atomic<std::uint64_t> opened{0};
};

class ConnectionPool;

/// A connection (or the right to open one) for one call. Closes it when destroyed, unless `keep` was called.
class Lease {
 public:
  Lease() = default;
  Lease(std::shared_ptr<ConnectionPool> pool, ConnectionId id) : pool_(std::move(pool)), id_(id) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Connection* connection() const noexcept;
  /// The socket can take another request.
  void keep() noexcept { keep_ = true; }
  /// Whether the pool cut it because its deadline came.
  bool expired() const noexcept;
  ConnectionId id() const noexcept { return id_; }

 private:
  std::shared_ptr<ConnectionPool> pool_;
  ConnectionId id_ = 0;
  bool keep_ = false;
};

/// Everything but the constructor may be called from any thread.
class ConnectionPool final : public Watched, public std::enable_shared_from_this<ConnectionPool> {
 public:
  ConnectionPool(std::shared_ptr<PoolShared> shared, boost::asio::any_io_executor executor);
  ~ConnectionPool() override;

  /// A ready connection, nothing if one has to be opened, or why not.
  struct Place {
    Lease lease;
    bool open = false;
  };
  using Taken = std::variant<Place, PoolState::Wait, PoolState::Full>;
  /// `waiter`: if the answer is Wait, the argument for `wait`.
  Taken take(Deadline deadline, bool fresh, WaiterId& waiter);
  /// DeadlineExceeded, Cancelled.
  Task<Result<Place>> wait(WaiterId waiter, Deadline deadline);

  /// Looks up, connects and shakes hands.
  Task<Result<void>> open(ConnectionId id, Deadline deadline);

  /// The client is gone: idle sockets close now, the others when their calls end.
  void retire();
  bool retired();
  /// The event loop is gone: waiters are dropped without an answer.
  void shut_down();

 private:
  friend class Lease;
  enum class Wake : std::uint8_t { Turn, Deadline, Cancelled };
  /// Shared and never changed: whoever got them keeps them, whatever becomes of the pool's own.
  using FoundAddresses = std::shared_ptr<const Addresses>;
  struct Slot {
    std::unique_ptr<Connection> connection;
    int descriptor = -1;
    Deadline deadline = Deadline::max();
    bool busy = false;
    bool expired = false;
  };
  struct Waiter {
    Deadline deadline;
    std::move_only_function<void(Wake)> complete;  // empty until the caller suspends
    std::optional<Wake> woken;
    std::optional<PoolState::Turn> turn;
    bool for_addresses = false;
    std::optional<Result<FoundAddresses>> found;  // the waiter's own answer, once its turn has come
  };

  Task<Wake> suspend(WaiterId id);
  /// The caller is suspended from here on; `complete` resumes it.
  void on_suspended(WaiterId id, std::move_only_function<void(Wake)> complete);
  void on_cancelled(WaiterId id);
  void wake(Waiter& waiter, Wake why);
  Task<Result<FoundAddresses>> addresses(Deadline deadline);
  void start_look_up();
  void looked_up(Result<Addresses> found);
  /// A connect to one of them failed: the next call looks the name up again.
  void distrust(const FoundAddresses& addresses);
  Task<Result<void>> connect(ConnectionId id, boost::asio::ip::tcp::endpoint address, Deadline deadline);
  /// Gives the slot a connection to `address`, still unconnected.
  Result<Connection*> prepare(ConnectionId id, const boost::asio::ip::tcp::endpoint& address, Deadline limit);
  Error why_not(ConnectionId id, Error error, Deadline deadline);

  void give_back(ConnectionId id, bool keep);
  std::unique_ptr<Connection> clear(Slot& slot);
  void watch(Deadline deadline);
  void tick() override;

  std::shared_ptr<PoolShared> shared_;
  boost::asio::any_io_executor executor_;

  std::mutex mutex_;
  bool closed_ = false;
  PoolState state_;
  std::vector<Slot> slots_;
  std::map<WaiterId, Waiter> waiters_;
  WaiterId next_waiter_ = 1;
  FoundAddresses addresses_;  // null: still to be looked up
  std::chrono::steady_clock::time_point addresses_at_;
  bool looking_up_ = false;
  std::uint32_t rotation_ = 0;
  Deadline watched_until_ = Deadline::max();
};

}  // namespace loopstate::http
