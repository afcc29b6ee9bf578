// Reading what is needed only to plan a conditional write, outside a rule's runner.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <utility>

#include "store/spine/request.hpp"

namespace loopstate::store {

inline table::Call may_be_stale(table::Call call) {
  call.consistency = table::Consistency::MayBeStale;
  return call;
}

/// The result of `read` with a read that may be stale: the conditions of the write that is planned on it must
/// cover all of it. If it refuses, which would be the answer, the result with a strong read.
template <typename T>
Task<Result<T>> read_to_plan(std::function<Task<Result<T>>(table::Call call)> read, table::Call call) {
  auto reading = read(may_be_stale(call));
  auto found = co_await std::move(reading);
  if (found || !is_refusal(found.error().code)) co_return found;
  auto again = read(call);
  co_return co_await std::move(again);
}

}  // namespace loopstate::store
