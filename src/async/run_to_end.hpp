// Runs one asynchronous call to its end, on the calling thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "loopstate/task.hpp"

namespace loopstate::async {

/// The loop has nothing left to do, but the call has not ended: it waits for something that never comes.
struct NoAnswer : std::logic_error {
  NoAnswer() : std::logic_error("a call ended without an answer") {}
};

/// What a call leaves behind. Shared with the coroutine, which may outlive the wait for it.
template <typename T>
struct Ending {
  std::optional<T> answer;
  std::exception_ptr thrown;
  bool done = false;
};

/// co_spawn needs a default-constructible result, which not every T is.
template <typename T>
Task<void> keep_answer(Task<T> task, std::shared_ptr<Ending<T>> ending) {
  ending->answer.emplace(co_await std::move(task));
}

/// Returns what the call returned; rethrows what it threw (a defect). The loop only runs while the call
/// is in progress: timers of idle connections, and anything else an engine keeps between calls, outlive it
/// and wait for the next one.
template <typename T>
T run_to_end(boost::asio::io_context& loop, Task<T> task) {
  const auto ending = std::make_shared<Ending<T>>();
  boost::asio::co_spawn(loop, keep_answer(std::move(task), ending), [ending](std::exception_ptr thrown) {
    ending->thrown = std::move(thrown);
    ending->done = true;
  });
  loop.restart();
  while (!ending->done && loop.run_one() != 0) {
  }
  if (ending->thrown) std::rethrow_exception(ending->thrown);
  if (!ending->answer) throw NoAnswer();
  return std::move(*ending->answer);
}

}  // namespace loopstate::async
