// Which connection a call takes, when one is opened, when one is dropped: decided here, without a socket or a
// clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "base/instant.hpp"

namespace loopstate::http {

struct PoolLimits {
  std::size_t connections_max = 64;
  std::size_t waiting_max = 4096;
  /// A connection idle for longer is dropped: the service closes idle ones after about a minute.
  std::chrono::milliseconds idle_max{50'000};
  /// A connection idle for longer is checked before it is used again.
  std::chrono::milliseconds trust_max{1'000};
};

using ConnectionId = std::uint32_t;  ///< 0 to connections_max - 1
using WaiterId = std::uint64_t;

/// The bookkeeping of one pool. A connection is in use, or idle; a call that finds none waits in line. Not
/// thread-safe.
class PoolState {
 public:
  explicit PoolState(PoolLimits limits);

  /// Send on this idle connection; `check`: only after checking whether the peer has closed it.
  struct Use {
    ConnectionId connection;
    bool check;
  };
  /// Open a connection with this number.
  struct Open {
    ConnectionId connection;
  };
  /// Wait until `give_back` names this waiter.
  struct Wait {};
  /// Too many are waiting already.
  struct Full {};
  using Answer = std::variant<Use, Open, Wait, Full>;

  /// A call wants a connection. `dropped` collects idle connections to close.
  Answer take(WaiterId waiter, Instant now, std::vector<ConnectionId>& dropped);
  /// The same, but only for a connection that nobody has used yet.
  Answer take_fresh(WaiterId waiter, std::vector<ConnectionId>& dropped);

  /// Whose turn it is: the waiter uses `connection`, if it is open, or opens it.
  struct Turn {
    WaiterId waiter;
    ConnectionId connection;
    bool open;
  };
  /// A call is done with its connection, which is `usable` or closed.
  std::optional<Turn> give_back(ConnectionId connection, bool usable, Instant now);

  /// A waiter's deadline passed, or its call was cancelled. False: its turn has come already.
  bool give_up(WaiterId waiter);

  /// Removes every idle connection, for the caller to close.
  std::vector<ConnectionId> drop_idle();

  /// None of the waiters gets a turn any more.
  void drop_waiting() { waiting_.clear(); }

  std::size_t idle() const noexcept { return idle_.size(); }
  std::size_t in_use() const noexcept { return in_use_; }
  std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  struct Idle {
    ConnectionId connection;
    Instant since;
  };
  void drop_stale(Instant now, std::vector<ConnectionId>& dropped);
  std::optional<ConnectionId> unused_number();
  Answer wait(WaiterId waiter);

  PoolLimits limits_;
  std::vector<Idle> idle_;  // the most recently used one is at the end, and is used first
  std::deque<WaiterId> waiting_;
  std::vector<ConnectionId> unused_;
  std::size_t in_use_ = 0;
};

}  // namespace loopstate::http
