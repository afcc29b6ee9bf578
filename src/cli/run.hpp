// Runs one asynchronous call to its end, on the thread that asks.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "loopstate/task.hpp"

namespace loopstate::cli {

template <typename T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

/// Returns what the call returned; what it threw (a defect) is thrown on. The loop only turns while the call
/// is under way: whatever an engine keeps open between calls rests meanwhile.
template <typename T>
T run_to_end(boost::asio::io_context& loop, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr defect;
  bool done = false;
  boost::asio::co_spawn(loop, keep_result(std::move(task), result), [&](std::exception_ptr thrown) {
    defect = thrown;
    done = true;
  });
  loop.restart();
  while (!done && loop.run_one() > 0) {
  }
  if (defect) std::rethrow_exception(defect);
  return std::move(*result);
}

}  // namespace loopstate::cli
