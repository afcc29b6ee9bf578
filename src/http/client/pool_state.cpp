#include "http/client/pool_state.hpp"

#include <algorithm>

namespace loopstate::http {

PoolState::PoolState(PoolLimits limits) : limits_(limits) {
  unused_.reserve(limits_.connections_max);
  for (std::size_t number = limits_.connections_max; number > 0; --number) {
    unused_.push_back(static_cast<ConnectionId>(number - 1));
  }
}

PoolState::Answer PoolState::take(WaiterId waiter, Instant now, std::vector<ConnectionId>& dropped) {
  drop_stale(now, dropped);
  if (!idle_.empty()) {
    const Idle last = idle_.back();
    idle_.pop_back();
    ++in_use_;
    return Use{last.connection, elapsed(last.since, now) > limits_.trust_max};
  }
  if (const auto number = unused_number()) return Open{*number};
  return wait(waiter);
}

PoolState::Answer PoolState::take_fresh(WaiterId waiter, std::vector<ConnectionId>& dropped) {
  // What failed one idle connection most likely failed them all.
  for (const ConnectionId number : drop_idle()) dropped.push_back(number);
  if (const auto number = unused_number()) return Open{*number};
  return wait(waiter);
}

std::optional<PoolState::Turn> PoolState::give_back(ConnectionId connection, bool usable, Instant now) {
  if (!waiting_.empty()) {
    const WaiterId waiter = waiting_.front();
    waiting_.pop_front();
    return Turn{waiter, connection, !usable};
  }
  --in_use_;
  if (usable) {
    idle_.push_back({connection, now});
  } else {
    unused_.push_back(connection);
  }
  return std::nullopt;
}

bool PoolState::give_up(WaiterId waiter) {
  const auto at = std::ranges::find(waiting_, waiter);
  if (at == waiting_.end()) return false;
  waiting_.erase(at);
  return true;
}

std::vector<ConnectionId> PoolState::drop_idle() {
  std::vector<ConnectionId> dropped;
  dropped.reserve(idle_.size());
  for (const Idle& idle : idle_) dropped.push_back(idle.connection);
  unused_.insert(unused_.end(), dropped.begin(), dropped.end());
  idle_.clear();
  return dropped;
}

void PoolState::drop_stale(Instant now, std::vector<ConnectionId>& dropped) {
  // The oldest are at the front.
  auto first_good = idle_.begin();
  while (first_good != idle_.end() && elapsed(first_good->since, now) > limits_.idle_max) {
    dropped.push_back(first_good->connection);
    unused_.push_back(first_good->connection);
    ++first_good;
  }
  idle_.erase(idle_.begin(), first_good);
}

std::optional<ConnectionId> PoolState::unused_number() {
  if (unused_.empty()) return std::nullopt;
  const ConnectionId number = unused_.back();
  unused_.pop_back();
  ++in_use_;
  return number;
}

PoolState::Answer PoolState::wait(WaiterId waiter) {
  if (waiting_.size() >= limits_.waiting_max) return Full{};
  waiting_.push_back(waiter);
  return Wait{};
}

}  // namespace loopstate::http
