#include "agent/waiting_watch.hpp"

namespace loopstate::agent {

void WaitingWatch::add(Watched watched) {
  const std::lock_guard lock(mutex_);
  watched_.insert(std::move(watched));
  if (watched_.size() > kMax) watched_.erase(watched_.begin());
}

std::vector<WaitingWatch::Watched> WaitingWatch::take_ended(Timestamp now, std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::vector<Watched> ended;
  while (!watched_.empty() && watched_.begin()->first <= now && ended.size() < most) {
    ended.push_back(std::move(watched_.extract(watched_.begin()).value()));
  }
  return ended;
}

}  // namespace loopstate::agent
