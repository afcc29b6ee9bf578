#include "store/gate.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace loopstate::testing {

void Gate::enter(std::size_t caller) {
  std::unique_lock lock(mutex_);
  states_[caller] = State::Waiting;
  changed_.notify_all();
  changed_.wait(lock, [&] { return states_[caller] == State::Running; });
}

void Gate::end(std::size_t caller) {
  const std::lock_guard lock(mutex_);
  states_[caller] = State::Ended;
  changed_.notify_all();
}

std::vector<std::size_t> Gate::waiting() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return std::ranges::count(states_, State::Running) == 0; });
  std::vector<std::size_t> callers;
  for (std::size_t caller = 0; caller < states_.size(); ++caller) {
    if (states_[caller] == State::Waiting) callers.push_back(caller);
  }
  return callers;
}

void Gate::let_go(std::size_t caller) {
  const std::lock_guard lock(mutex_);
  states_[caller] = State::Running;
  changed_.notify_all();
}

bool Gate::has_ended(std::size_t caller) {
  const std::lock_guard lock(mutex_);
  return states_[caller] == State::Ended;
}

std::vector<Span> run_stepwise(Gate& gate, std::vector<std::function<void()>> calls,
                               const std::function<std::size_t(const std::vector<std::size_t>&)>& choose) {
  std::vector<std::thread> threads;
  for (std::size_t caller = 0; caller < calls.size(); ++caller) {
    threads.emplace_back([&gate, caller, call = std::move(calls[caller])] {
      gate.enter(caller);
      call();
      gate.end(caller);
    });
  }
  std::vector<Span> spans(threads.size());
  std::vector<bool> begun(threads.size());
  std::size_t step = 0;
  for (auto waiting = gate.waiting(); !waiting.empty(); waiting = gate.waiting()) {
    const auto caller = choose(waiting);
    ++step;
    if (!begun[caller]) spans[caller].begun = step;
    begun[caller] = true;
    gate.let_go(caller);
    // Until it waits again, or has ended.
    [[maybe_unused]] const auto others = gate.waiting();
    spans[caller].ended = step;
  }
  for (auto& thread : threads) thread.join();
  return spans;
}

}  // namespace loopstate::testing
