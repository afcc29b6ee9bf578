// `loopstate top`: from two scrapes of an agent to what a person reads. Pure: no socket, no clock, no
// terminal.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/metrics_text.hpp"
#include "cli/terminal.hpp"

namespace loopstate::cli {

/// Deliveries that were not accepted: refused for a reason, or ended as store_busy, failed or clock_doubted.
struct Trouble {
  Timestamp noticed;
  std::string source;
  std::string what;
  std::uint64_t count = 0;
};

/// Of one source, over some time.
struct Latency {
  std::string source;
  std::uint64_t answered = 0;
  /// The bound of the histogram that this share of the answers was within, in seconds; infinite above the
  /// last. Nothing if there were no answers.
  std::optional<double> median;
  std::optional<double> p99;
};

/// What changed from one scrape to the next. Without the first of them, or if the agent was started anew in
/// between: since the agent's start.
class Change {
 public:
  /// Both outlive it; `before` is null if there is none.
  Change(const Scrape* before, const Scrape& now);
  Change(const Scrape* before, const Scrape&& now) = delete;

  /// How long it took; at least a second.
  std::chrono::seconds span() const noexcept { return span_; }
  bool since_start() const noexcept { return before_ == nullptr; }
  std::uint64_t of(std::string_view name,
                   const std::map<std::string, std::string, std::less<>>& labels = {}) const;

  /// Those that occurred, in the agent's order.
  std::vector<Trouble> troubles() const;
  /// Of each source that was answered since the agent's start. If none was in this time, the figures are
  /// those since the start.
  std::vector<Latency> latencies() const;

 private:
  std::optional<double> quantile(std::string_view source, double share) const;

  const Scrape* before_;
  const Scrape* now_;
  std::chrono::seconds span_;
};

/// The last few troubles, the newest first.
class TroubleLog {
 public:
  static constexpr std::size_t kLinesMax = 8;
  void add(const Change& change);
  const std::deque<Trouble>& lines() const noexcept { return lines_; }

 private:
  std::deque<Trouble> lines_;
};

/// `agent` is the address that was asked.
std::string top_text(std::string_view agent, const Scrape* before, const Scrape& now, const TroubleLog& log,
                     const Style& style);
/// For a script: everything since the agent's start.
std::string top_json(std::string_view agent, const Scrape& now);

}  // namespace loopstate::cli
