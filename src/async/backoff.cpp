#include "async/backoff.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace loopstate::async {

std::chrono::milliseconds Backoff::ceiling(unsigned failures) const noexcept {
  if (failures == 0) return std::chrono::milliseconds(0);
  // More doublings would overflow, and by then each is over any `max`.
  const auto doublings = std::min(failures - 1, 30u);
  return std::min(base * (std::int64_t{1} << doublings), max);
}

std::chrono::milliseconds Backoff::wait(unsigned failures, double random) const noexcept {
  const auto longest = static_cast<double>(ceiling(failures).count());
  return std::chrono::milliseconds(static_cast<std::int64_t>(longest * random));
}

double jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace loopstate::async
