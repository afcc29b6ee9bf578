// Several threads doing the same thing at the same time.
#pragma once

#include <barrier>
#include <functional>
#include <thread>
#include <vector>

namespace loopstate::table {

/// Runs `work(0)` to `work(threads - 1)` on threads that start together; all have ended when it returns.
inline void race(int threads, const std::function<void(int)>& work) {
  std::barrier start(threads);
  std::vector<std::jthread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

}  // namespace loopstate::table
