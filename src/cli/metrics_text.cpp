#include "cli/metrics_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/try.hpp"
#include "cli/json_output.hpp"

namespace loopstate::cli {
namespace {

/// Takes `key="value"`, and what follows it, off the front of `text`.
bool take_label(std::string_view& text, Sample& sample) {
  const auto equals = text.find("=\"");
  if (equals == std::string_view::npos) return false;
  std::string value;
  for (std::size_t at = equals + 2; at < text.size(); ++at) {
    if (text[at] == '"') {
      sample.labels.insert_or_assign(std::string(text.substr(0, equals)), std::move(value));
      text.remove_prefix(at + 1);
      if (text.starts_with(',')) text.remove_prefix(1);
      return true;
    }
    if (text[at] == '\\' && ++at == text.size()) return false;
    value += text[at];
  }
  return false;
}

bool read_sample(std::string_view line, Sample& sample) {
  const auto name_end = line.find_first_of("{ ");
  if (name_end == std::string_view::npos || name_end == 0) return false;
  sample.name = line.substr(0, name_end);
  line.remove_prefix(name_end);
  if (line.starts_with('{')) {
    line.remove_prefix(1);
    while (!line.starts_with('}')) {
      if (!take_label(line, sample)) return false;
    }
    line.remove_prefix(1);
  }
  if (!line.starts_with(' ')) return false;
  line.remove_prefix(1);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), sample.value);
  return error == std::errc() && (end == line.data() + line.size() || *end == ' ');
}

}  // namespace

std::string_view Sample::label(std::string_view key) const {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string_view() : found->second;
}

double Scrape::sum(std::string_view name,
                   const std::map<std::string, std::string, std::less<>>& labels) const {
  double total = 0;
  for (const auto& sample : samples) {
    const bool matches = std::ranges::all_of(
        labels, [&](const auto& wanted) { return sample.label(wanted.first) == wanted.second; });
    if (sample.name == name && matches) total += sample.value;
  }
  return total;
}

bool Scrape::has(std::string_view name) const {
  return std::ranges::any_of(samples, [&](const Sample& sample) { return sample.name == name; });
}

std::string Scrape::label(std::string_view name, std::string_view key) const {
  const auto found = std::ranges::find_if(samples, [&](const Sample& sample) { return sample.name == name; });
  return found == samples.end() ? std::string() : std::string(found->label(key));
}

Result<Scrape> read_metrics(std::string_view text, Timestamp at) {
  Scrape scrape{at, {}};
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    Sample sample;
    if (!read_sample(line, sample)) {
      return fail(ErrorCode::ProtocolError,
                  fmt::format("this is not a line of Prometheus' text format: {}", shown(line)));
    }
    scrape.samples.push_back(std::move(sample));
  }
  if (!scrape.has("loopstate_deliveries_total")) {
    return fail(ErrorCode::ProtocolError, "these are not the metrics of a loopstate agent");
  }
  return scrape;
}

}  // namespace loopstate::cli
