// What an agent answers at /metrics, read back.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate::cli {

struct Sample {
  std::string name;
  std::map<std::string, std::string, std::less<>> labels;
  double value = 0;

  /// The label's value; empty if there is none.
  std::string_view label(std::string_view key) const;
};

struct Scrape {
  Timestamp at;
  std::vector<Sample> samples;

  /// The value of the series with this name and these labels, whatever others it has; their sum if there are
  /// several; 0 if there are none.
  double sum(std::string_view name, const std::map<std::string, std::string, std::less<>>& labels = {}) const;
  bool has(std::string_view name) const;
  /// The first value of a label of that metric; empty if there is none.
  std::string label(std::string_view name, std::string_view key) const;
};

/// Prometheus text format 0.0.4, as far as an agent writes it. ProtocolError names the line that is not of
/// it.
Result<Scrape> read_metrics(std::string_view text, Timestamp at);

}  // namespace loopstate::cli
