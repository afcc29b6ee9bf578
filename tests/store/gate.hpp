// Runs calls of the store together, one step of one of them at a time, in an order that the test chooses: a
// step is what a call does between two requests to the engine. So a call may stand still, as a process does
// that is stopped, while others do what they like.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

namespace loopstate::testing {

/// Where calls wait until they are let go. `enter` blocks its thread.
class Gate {
 public:
  explicit Gate(std::size_t callers) : states_(callers, State::Running) {}

  /// By the caller, before each request.
  void enter(std::size_t caller);
  void end(std::size_t caller);

  /// By the test, once all callers wait or have ended: those that wait.
  std::vector<std::size_t> waiting();
  void let_go(std::size_t caller);
  bool has_ended(std::size_t caller);

 private:
  enum class State : std::uint8_t { Running, Waiting, Ended };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> states_;
};

/// Runs the calls, each on a thread of its own. `choose` says which of those that wait does its next step.
/// Returns for each when it did its first step and when its last.
struct Span {
  std::size_t begun = 0, ended = 0;
};
std::vector<Span> run_stepwise(Gate& gate, std::vector<std::function<void()>> calls,
                               const std::function<std::size_t(const std::vector<std::size_t>&)>& choose);

}  // namespace loopstate::testing
