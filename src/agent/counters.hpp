// What the agent counts, and how Prometheus reads it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "agent/outcome.hpp"
#include "loopstate/error.hpp"

namespace loopstate::agent {

/// Counts since the process began; never reset. May be used from several threads.
class Counters {
 public:
  void delivered(Source source, Outcome outcome, std::chrono::microseconds duration) noexcept;
  /// `reason` is one of a fixed set of words, e.g. "bad_signature"; beyond 32 different ones: "other".
  void refused(Source source, std::string_view reason);
  void store_failed(ErrorCode code) noexcept;
  void retried() noexcept { ++retries_; }
  /// A capture began with state from the cache, or without.
  void looked_up(bool held) noexcept { held ? ++cache_hits_ : ++cache_misses_; }

  std::uint64_t delivered(Source source, Outcome outcome) const noexcept;
  std::uint64_t retries() const noexcept { return retries_.load(); }

  /// Measured on request, in addition to what is counted.
  struct Gauges {
    std::uint64_t store_requests = 0;
    std::size_t cached_users = 0;
    std::size_t cached_bytes = 0;
    std::size_t connections = 0;
  };

  /// Prometheus text format 0.0.4.
  std::string to_prometheus(const Gauges& gauges) const;

  static constexpr std::array<double, 13> kBucketSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                         0.1,    0.25,  0.5,    1,     5,    20};

 private:
  void append_outcomes(std::string& out) const;
  void append_refusals(std::string& out) const;
  void append_store(std::string& out, const Gauges& gauges) const;
  void append_durations(std::string& out) const;

  using Count = std::atomic<std::uint64_t>;
  static constexpr std::size_t kErrorCodes = static_cast<std::size_t>(ErrorCode::Internal) + 1;

  std::array<std::array<Count, kOutcomes>, kSources> outcomes_{};
  std::array<std::array<Count, kBucketSeconds.size() + 1>, kSources> buckets_{};
  std::array<Count, kSources> microseconds_{};
  std::array<Count, kErrorCodes> store_errors_{};
  Count retries_{0};
  Count cache_hits_{0};
  Count cache_misses_{0};
  mutable std::mutex mutex_;  ///< guards refusals_
  std::map<std::pair<Source, std::string>, std::uint64_t, std::less<>> refusals_;
};

}  // namespace loopstate::agent
