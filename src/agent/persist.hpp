// The loop around a call to the store.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "agent/recorder.hpp"
#include "store/write_id.hpp"

namespace loopstate::agent {

template <typename T>
Task<Result<T>> Recorder::persist(std::function<Task<Result<T>>(CallOptions)> attempt, Effort* effort) {
  const auto write_id = store::new_write_id(clock().now());
  for (unsigned failures = 1;; ++failures) {
    CallOptions options;
    options.deadline = effort->deadline;
    options.request_id = write_id;
    Result<T> result = co_await attempt(std::move(options));
    if (result) co_return result;
    counters_.store_failed(result.error().code);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(effort->deadline - pacer().now());
    const auto wait = next_wait(options_.retry, result.error(), failures, left, pacer().random());
    if (!wait) co_return result;
    counters_.retried();
    ++effort->retries;
    log_.debug("the store failed in passing; trying again",
               log::Fields().add("code", result.error().code).add("wait_ms", wait->count()));
    co_await pacer().wait(*wait);
  }
}

}  // namespace loopstate::agent
