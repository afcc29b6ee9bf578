#include "http/client/connection_pool.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/try.hpp"

namespace loopstate::http {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

// The service's own names change every few seconds; new connections should follow.
constexpr std::chrono::seconds kAddressesLast{5};

PoolLimits limits_of(const ClientSettings& settings) {
  PoolLimits limits;
  limits.connections_max = settings.connections_max;
  limits.waiting_max = settings.waiting_max;
  limits.idle_max = settings.idle_max;
  return limits;
}

std::unexpected<Error> deadline_exceeded(std::string_view what) {
  return fail(ErrorCode::DeadlineExceeded, fmt::format("the deadline passed {}", what), true);
}

}  // namespace

Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(id_, keep_);
}

Connection* Lease::connection() const noexcept {
  return pool_->slots_[id_].connection.get();
}

bool Lease::expired() const noexcept {
  const std::lock_guard lock(pool_->mutex_);
  return pool_->slots_[id_].expired;
}

ConnectionPool::ConnectionPool(std::shared_ptr<PoolShared> shared, asio::any_io_executor executor)
    : shared_(std::move(shared)),
      executor_(std::move(executor)),
      state_(limits_of(shared_->settings)),
      slots_(shared_->settings.connections_max) {
  if (Addresses literal = literal_address(shared_->endpoint); !literal.empty()) {
    addresses_ = std::make_shared<const Addresses>(std::move(literal));
    addresses_at_ = steady_clock::time_point::max();
  }
}

ConnectionPool::~ConnectionPool() = default;

ConnectionPool::Taken ConnectionPool::take(Deadline deadline, bool fresh, WaiterId& waiter) {
  std::vector<ConnectionId> dropped;
  std::vector<std::unique_ptr<Connection>> garbage;
  const std::lock_guard lock(mutex_);
  waiter = next_waiter_++;
  const Instant instant = Instant::now();
  while (true) {
    PoolState::Answer answer =
        fresh ? state_.take_fresh(waiter, dropped) : state_.take(waiter, instant, dropped);
    for (const ConnectionId id : dropped) garbage.push_back(clear(slots_[id]));
    dropped.clear();
    if (std::holds_alternative<PoolState::Full>(answer)) return PoolState::Full{};
    if (std::holds_alternative<PoolState::Wait>(answer)) {
      waiters_[waiter].deadline = deadline;
      watch(deadline);
      return PoolState::Wait{};
    }
    const auto* use = std::get_if<PoolState::Use>(&answer);
    const ConnectionId id = use != nullptr ? use->connection : std::get<PoolState::Open>(answer).connection;
    Slot& slot = slots_[id];
    if (use != nullptr && use->check && slot.connection->is_dead()) {
      garbage.push_back(clear(slot));
      state_.give_back(id, false, instant);  // nobody waits while a connection is idle
      continue;
    }
    slot.busy = true;
    slot.expired = false;
    slot.deadline = deadline;
    watch(deadline);
    return Place{Lease(shared_from_this(), id), use == nullptr};
  }
}

Task<Result<ConnectionPool::Place>> ConnectionPool::wait(WaiterId id, Deadline deadline) {
  const Wake why = co_await suspend(id);
  const std::lock_guard lock(mutex_);
  const auto node = waiters_.extract(id);
  if (why == Wake::Turn) {
    const PoolState::Turn turn = *node.mapped().turn;
    Slot& slot = slots_[turn.connection];
    slot.expired = false;
    slot.deadline = deadline;
    watch(deadline);
    co_return Place{Lease(shared_from_this(), turn.connection), turn.open};
  }
  if (why == Wake::Cancelled) co_return fail(ErrorCode::Cancelled, "the call was cancelled");
  co_return deadline_exceeded("while all connections were busy");
}

Task<ConnectionPool::Wake> ConnectionPool::suspend(WaiterId id) {
  auto initiation = [](auto handler, ConnectionPool* pool, WaiterId waiter) {
    auto executor = asio::prefer(asio::get_associated_executor(handler, pool->executor_),
                                 asio::execution::outstanding_work.tracked);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = pool->weak_from_this(), waiter](asio::cancellation_type_t) {
        if (auto alive = weak.lock()) alive->on_cancelled(waiter);
      });
    }
    pool->on_suspended(waiter, [handler = std::move(handler), executor](Wake why) mutable {
      asio::post(executor, [handler = std::move(handler), why]() mutable { std::move(handler)(why); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Wake)>(
      std::move(initiation), asio::use_awaitable, this, id);
}

void ConnectionPool::on_suspended(WaiterId id, std::move_only_function<void(Wake)> complete) {
  const std::lock_guard lock(mutex_);
  Waiter& waiter = waiters_[id];
  waiter.complete = std::move(complete);
  if (waiter.woken) wake(waiter, *waiter.woken);
}

void ConnectionPool::on_cancelled(WaiterId id) {
  const std::lock_guard lock(mutex_);
  const auto at = waiters_.find(id);
  if (at == waiters_.end() || at->second.woken) return;
  state_.give_up(id);
  wake(at->second, Wake::Cancelled);
}

void ConnectionPool::wake(Waiter& waiter, Wake why) {
  waiter.woken = why;
  if (waiter.complete) std::exchange(waiter.complete, nullptr)(why);
}

Task<Result<ConnectionPool::FoundAddresses>> ConnectionPool::addresses(Deadline deadline) {
  WaiterId id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (addresses_ && (addresses_at_ > steady_clock::now() - kAddressesLast)) co_return addresses_;
    id = next_waiter_++;
    Waiter& waiter = waiters_[id];
    waiter.deadline = deadline;
    waiter.for_addresses = true;
    watch(deadline);
    start_look_up();
  }
  const Wake why = co_await suspend(id);
  const std::lock_guard lock(mutex_);
  auto node = waiters_.extract(id);
  if (why == Wake::Cancelled) co_return fail(ErrorCode::Cancelled, "the call was cancelled");
  if (why == Wake::Deadline) {
    co_return deadline_exceeded(fmt::format("while the name {} was looked up", shared_->endpoint.host));
  }
  co_return std::move(*node.mapped().found);
}

void ConnectionPool::start_look_up() {
  if (looking_up_) return;
  looking_up_ = true;
  look_up(shared_->endpoint, [weak = weak_from_this()](Result<Addresses> found) {
    if (auto alive = weak.lock()) alive->looked_up(std::move(found));
  });
}

void ConnectionPool::looked_up(Result<Addresses> found) {
  const std::lock_guard lock(mutex_);
  looking_up_ = false;
  addresses_ = found ? std::make_shared<const Addresses>(std::move(*found)) : nullptr;
  addresses_at_ = steady_clock::now();
  Result<FoundAddresses> answer = addresses_;
  if (!found) answer = std::unexpected(std::move(found.error()));
  for (auto& [id, waiter] : waiters_) {
    if (!waiter.for_addresses || waiter.woken) continue;
    waiter.found = answer;
    wake(waiter, Wake::Turn);
  }
}

void ConnectionPool::distrust(const FoundAddresses& addresses) {
  const std::lock_guard lock(mutex_);
  const bool literal = addresses_at_ == steady_clock::time_point::max();
  if (addresses_ == addresses && !literal) addresses_.reset();
}

Task<Result<void>> ConnectionPool::open(ConnectionId id, Deadline deadline) {
  CO_TRY(const auto found, co_await addresses(deadline));
  const Addresses& known = *found;
  std::size_t first = 0;
  {
    const std::lock_guard lock(mutex_);
    first = rotation_++;
  }
  Result<void> outcome;
  for (std::size_t at = 0; at < known.size(); ++at) {
    const auto& address = known[(first + at) % known.size()];
    outcome = co_await connect(id, address, deadline);
    if (outcome || outcome.error().code == ErrorCode::Cancelled ||
        outcome.error().code == ErrorCode::DeadlineExceeded || outcome.error().code == ErrorCode::TlsFailed) {
      break;
    }
    distrust(found);
  }
  co_return outcome;
}

Task<Result<void>> ConnectionPool::connect(ConnectionId id, asio::ip::tcp::endpoint address,
                                           Deadline deadline) {
  const Deadline limit = std::min(deadline, steady_clock::now() + shared_->settings.connect_timeout);
  CO_TRY(auto connection, prepare(id, address, limit));
  shared_->opened.fetch_add(1, std::memory_order_relaxed);
  Peer peer = shared_->peer;
  Result<void> connected = co_await connection->connect(address, std::move(peer));
  if (!connected) co_return std::unexpected(why_not(id, std::move(connected.error()), deadline));
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[id];
  // Shut down in the instant between the handshake's end and here: still dead.
  if (slot.expired) co_return deadline_exceeded("while connecting");
  slot.deadline = deadline;
  watch(deadline);
  co_return Result<void>();
}

Result<Connection*> ConnectionPool::prepare(ConnectionId id, const asio::ip::tcp::endpoint& address,
                                            Deadline limit) {
  std::unique_ptr<Connection> fresh = shared_->make_connection(executor_, shared_->tls);
  TRY_OK(fresh->open_socket(address));
  std::unique_ptr<Connection> garbage;
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[id];
  if (closed_) return fail(ErrorCode::Cancelled, "the client was closed");
  garbage = clear(slot);
  slot.busy = true;
  slot.expired = false;
  slot.deadline = limit;
  slot.descriptor = fresh->descriptor();
  slot.connection = std::move(fresh);
  watch(limit);
  return slot.connection.get();
}

Error ConnectionPool::why_not(ConnectionId id, Error error, Deadline deadline) {
  const std::lock_guard lock(mutex_);
  if (!slots_[id].expired) return error;
  if (deadline <= steady_clock::now()) return deadline_exceeded("while connecting").error();
  return Error{ErrorCode::ConnectionFailed,
               fmt::format("no connection to {} within {} ms", shared_->peer.name,
                           shared_->settings.connect_timeout.count()),
               true, nullptr};
}

void ConnectionPool::give_back(ConnectionId id, bool keep) {
  std::unique_ptr<Connection> garbage;
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[id];
  slot.busy = false;
  const bool usable = keep && !slot.expired && !closed_ && slot.connection != nullptr;
  if (!usable) garbage = clear(slot);
  if (const auto turn = state_.give_back(id, usable, Instant::now())) {
    slot.busy = true;
    slot.deadline = Deadline::max();
    const auto at = waiters_.find(turn->waiter);
    at->second.turn = turn;
    wake(at->second, Wake::Turn);
  }
}

std::unique_ptr<Connection> ConnectionPool::clear(Slot& slot) {
  slot.descriptor = -1;
  return std::exchange(slot.connection, nullptr);
}

void ConnectionPool::watch(Deadline deadline) {
  if (deadline >= watched_until_) return;
  watched_until_ = deadline;
  call_at(deadline, weak_from_this());
}

void ConnectionPool::tick() {
  const std::lock_guard lock(mutex_);
  const Deadline instant = steady_clock::now();
  Deadline next = Deadline::max();
  watched_until_ = Deadline::max();
  for (Slot& slot : slots_) {
    if (!slot.busy || slot.expired) continue;
    if (slot.deadline > instant) {
      next = std::min(next, slot.deadline);
      continue;
    }
    slot.expired = true;
    // The one thing that may be done to a socket in use by another thread: its reads and writes now fail.
    if (slot.descriptor >= 0) ::shutdown(slot.descriptor, SHUT_RDWR);
  }
  for (auto& [id, waiter] : waiters_) {
    if (waiter.woken) continue;
    if (waiter.deadline > instant) {
      next = std::min(next, waiter.deadline);
      continue;
    }
    state_.give_up(id);
    wake(waiter, Wake::Deadline);
  }
  if (next != Deadline::max()) watch(next);
}

void ConnectionPool::retire() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  // Closed under the lock, unlike elsewhere: another thread's event loop may be going at this moment, and
  // waits in `shut_down` until its sockets are closed.
  for (const ConnectionId id : state_.drop_idle()) clear(slots_[id]).reset();
}

void ConnectionPool::shut_down() {
  retire();
  // Destroyed without the lock: a coroutine being destroyed gives back what it holds.
  std::map<WaiterId, Waiter> abandoned;
  std::vector<std::unique_ptr<Connection>> garbage;
  const std::lock_guard lock(mutex_);
  state_.drop_waiting();
  for (auto& [id, waiter] : waiters_) {
    if (waiter.turn) garbage.push_back(clear(slots_[waiter.turn->connection]));
  }
  // The loop closes the sockets of calls in progress: by the next tick their numbers may be somebody else's.
  for (Slot& slot : slots_) slot.descriptor = -1;
  abandoned.swap(waiters_);
}

bool ConnectionPool::retired() {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace loopstate::http
