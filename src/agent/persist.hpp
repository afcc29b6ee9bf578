// The loop around a call to the store.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "agent/recorder.hpp"
#include "crypto/random.hpp"

namespace loopstate::agent {

/// Names one write, however often it is tried: no two ids are the same.
inline std::string new_request_id() {
  constexpr std::string_view kAlphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
  std::array<std::byte, 16> bytes{};
  crypto::random_bytes(bytes);
  std::string id;
  for (const auto byte : bytes) id += kAlphabet[std::to_integer<std::size_t>(byte) & 63];
  return id;
}

template <typename T>
Task<Result<T>> Recorder::persist(StoreCall<T> attempt, Budget* budget) {
  const auto request_id = new_request_id();
  for (unsigned failures = 1;; ++failures) {
    Result<T> result = co_await attempt(CallOptions().deadline(budget->deadline).request_id(request_id));
    if (result) co_return result;
    counters_.store_failed(result.error().code);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(budget->deadline - pacer().now());
    const auto wait = next_wait(options_.retry, result.error(), failures, left, pacer().random());
    if (!wait) co_return result;
    counters_.retried();
    ++budget->retries;
    log_.debug("a transient failure of the store; trying again",
               log::Fields().add("code", result.error().code).add("wait_ms", wait->count()));
    co_await pacer().wait(*wait);
  }
}

}  // namespace loopstate::agent
