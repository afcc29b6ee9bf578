// What the agent counts, and how Prometheus reads it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "agent/outcome.hpp"
#include "loopstate/error.hpp"
#include "loopstate/questions.hpp"

namespace loopstate::agent {

/// Counts since the process began; never reset. May be used from several threads.
class Counters {
 public:
  Counters();

  void delivered(Source source, Outcome outcome, std::chrono::microseconds duration) noexcept;
  /// `reason` is one of a fixed set of words, e.g. "bad_signature"; beyond 32 different ones: "other".
  void refused(Source source, std::string_view reason);
  void store_failed(ErrorCode code) noexcept;
  void retried() noexcept { ++retries_; }
  /// A request whose path leads nowhere, or (405) whose method is wrong there.
  void not_found() noexcept { ++not_found_; }
  void method_not_allowed() noexcept { ++method_not_allowed_; }
  /// `purchases` that had waited for their card were recorded by its link.
  void waited(std::uint64_t purchases) noexcept { waited_ += purchases; }
  /// A purchase waited for its card, and nobody linked that in time.
  void unlinked() noexcept { ++unlinked_; }
  /// A capture began with state from the cache, or without.
  void looked_up(bool held) noexcept { held ? ++cache_hits_ : ++cache_misses_; }

  std::uint64_t delivered(Source source, Outcome outcome) const noexcept;
  std::uint64_t retries() const noexcept { return retries_.load(); }

  /// What a store in a file takes and has to do.
  struct Storage {
    std::uint64_t file_bytes = 0;
    std::uint64_t free_bytes = 0;  ///< of these
    std::uint64_t waiting_writes = 0;
  };

  /// What only the program around the agent knows; the defaults are those of a program that has none of it.
  struct Process {
    std::string version = {};
    std::chrono::seconds started_at{};  ///< since 1970
    std::size_t connections = 0;
    std::optional<Storage> storage = {};  ///< nothing for a store that is not a file of this machine
  };

  /// Measured on request, in addition to what is counted.
  struct Gauges {
    std::uint64_t store_requests = 0;
    std::uint64_t store_fallbacks = 0;
    RingLosses lost;
    std::size_t cached_users = 0;
    std::size_t cached_bytes = 0;
    Process process;
  };

  /// Prometheus text format 0.0.4. Every series that a run can have is there from its start, at 0, so that a
  /// rate over it sees the first event, and an alert never has "no data".
  std::string to_prometheus(const Gauges& gauges) const;

  static constexpr std::array<double, 13> kBucketSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                         0.1,    0.25,  0.5,    1,     5,    20};

 private:
  void append_outcomes(std::string& out) const;
  void append_refusals(std::string& out) const;
  void append_store(std::string& out, const Gauges& gauges) const;
  void append_http(std::string& out, const Process& process) const;
  void append_durations(std::string& out) const;

  using Count = std::atomic<std::uint64_t>;
  static constexpr std::size_t kErrorCodes = static_cast<std::size_t>(ErrorCode::Internal) + 1;

  std::array<std::array<Count, kOutcomes>, kSources> outcomes_{};
  std::array<std::array<Count, kBucketSeconds.size() + 1>, kSources> buckets_{};
  std::array<Count, kSources> microseconds_{};
  std::array<Count, kErrorCodes> store_errors_{};
  Count retries_{0};
  Count waited_{0};
  Count unlinked_{0};
  Count cache_hits_{0};
  Count cache_misses_{0};
  Count not_found_{0};
  Count method_not_allowed_{0};
  mutable std::mutex mutex_;  ///< guards refusals_
  std::map<std::pair<Source, std::string>, std::uint64_t, std::less<>> refusals_;
};

}  // namespace loopstate::agent
