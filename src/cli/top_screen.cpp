#include "cli/top_screen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/timestamp.hpp"
#include "cli/json_output.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

constexpr std::string_view kDeliveries = "loopstate_deliveries_total";
constexpr std::string_view kRefusals = "loopstate_refusals_total";
constexpr std::string_view kBuckets = "loopstate_delivery_duration_seconds_bucket";
constexpr std::string_view kAnswers = "loopstate_delivery_duration_seconds_count";
constexpr std::string_view kStart = "process_start_time_seconds";
constexpr std::string_view kErrors = "loopstate_store_errors_total";
/// Outcomes that are not accepted and have no reason of their own.
constexpr std::array<std::string_view, 4> kTroubles{"store_busy", "failed", "clock_doubted",
                                                    "too_many_waiting"};

bool restarted(const Scrape& before, const Scrape& now) {
  return before.sum(kStart) != now.sum(kStart) || before.sum(kAnswers) > now.sum(kAnswers);
}

std::uint64_t whole(double value) {
  return value > 0 ? static_cast<std::uint64_t>(std::llround(std::min(value, 9e18))) : 0;
}

/// 1204 as "1,204".
std::string grouped(std::uint64_t value) {
  auto text = fmt::format("{}", value);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string span_text(std::chrono::seconds span) {
  const auto seconds = std::max<std::int64_t>(span.count(), 0);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86'400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86'400, seconds / 3600 % 24);
}

std::string latency_text(const std::optional<double>& seconds) {
  if (!seconds) return "-";
  if (std::isinf(*seconds)) return "longer";
  return *seconds < 1 ? fmt::format("{:g} ms", *seconds * 1000) : fmt::format("{:g} s", *seconds);
}

std::string bytes_text(double bytes) {
  return fmt::format("{:.1f} MiB", bytes / (1024.0 * 1024.0));
}

/// The values of a label, in the agent's order.
std::vector<std::string> values_of(const Scrape& scrape, std::string_view name, std::string_view label) {
  std::vector<std::string> values;
  for (const auto& sample : scrape.samples) {
    if (sample.name != name) continue;
    const std::string value(sample.label(label));
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  return values;
}

double bound_of(std::string_view le) {
  if (le == "+Inf") return std::numeric_limits<double>::infinity();
  return std::strtod(std::string(le).c_str(), nullptr);
}

std::string outcomes_text(const Scrape& now, const Change& change, const Style& style) {
  std::vector<std::string> head{"", "in all"};
  if (!change.since_start()) head.push_back(fmt::format("in {}", span_text(change.span())));
  const auto sources = values_of(now, kDeliveries, "source");
  for (const auto& source : sources) head.push_back(printable(source));
  std::vector<std::vector<std::string>> rows{head};
  for (const auto& outcome : values_of(now, kDeliveries, "outcome")) {
    const auto all = whole(now.sum(kDeliveries, {{"outcome", outcome}}));
    if (all == 0) continue;
    std::vector<std::string> row{printable(outcome), grouped(all)};
    if (!change.since_start()) row.push_back(grouped(change.of(kDeliveries, {{"outcome", outcome}})));
    for (const auto& source : sources) {
      row.push_back(grouped(whole(now.sum(kDeliveries, {{"outcome", outcome}, {"source", source}}))));
    }
    rows.push_back(std::move(row));
  }
  if (rows.size() == 1) return style.bold("deliveries") + "\n  none yet\n";
  return style.bold("deliveries") + "\n" + table_text(rows, "  ");
}

/// What was recorded and nobody settled in time.
std::string losses_text(const Scrape& now) {
  const auto dropped = whole(now.sum("loopstate_captures_dropped_total"));
  const auto expired = whole(now.sum("loopstate_captures_expired_total"));
  if (dropped == 0 && expired == 0) return "";
  return fmt::format("  {} dropped by a full ring, {} expired unsettled\n",
                     count_text(dropped, "capture", "captures"), grouped(expired));
}

std::string latencies_text(const Change& change, const Style& style) {
  const auto latencies = change.latencies();
  if (latencies.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"", "half within", "99 % within"}};
  for (const auto& latency : latencies) {
    rows.push_back({printable(latency.source), latency_text(latency.median), latency_text(latency.p99)});
  }
  return "\n" + style.bold("time to answer") + "\n" + table_text(rows, "  ");
}

std::string troubles_text(const TroubleLog& log, const Style& style) {
  std::string text = "\n" + style.bold("last refused") + "\n";
  if (log.lines().empty()) return text + "  none\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& line : log.lines()) {
    rows.push_back({time_text(line.noticed), printable(line.source), printable(line.what),
                    count_text(line.count, "delivery", "deliveries")});
  }
  return text + style.yellow(table_text(rows, "  "));
}

std::string store_text(const Scrape& now, const Style& style) {
  std::string text = "\n" + style.bold("store") + "\n";
  if (now.has("loopstate_store_file_bytes")) {
    text +=
        fmt::format("  file {}, {} of it free; {} wait\n", bytes_text(now.sum("loopstate_store_file_bytes")),
                    bytes_text(now.sum("loopstate_store_free_bytes")),
                    count_text(whole(now.sum("loopstate_store_waiting_writes")), "write", "writes"));
  } else {
    text += fmt::format("  {} requests sent\n", grouped(whole(now.sum("loopstate_store_requests_total"))));
  }
  text += fmt::format("  {} calls were repeated", grouped(whole(now.sum("loopstate_store_retries_total"))));
  for (const auto& code : values_of(now, kErrors, "code")) {
    const auto count = whole(now.sum(kErrors, {{"code", code}}));
    if (count > 0) text += fmt::format(", {} {}", grouped(count), printable(code));
  }
  return text + "\n";
}

}  // namespace

Change::Change(const Scrape* before, const Scrape& now)
    : before_(before != nullptr && !restarted(*before, now) ? before : nullptr), now_(&now), span_(1) {
  const auto from =
      before_ != nullptr ? before_->at : from_unix_seconds(static_cast<std::int64_t>(whole(now.sum(kStart))));
  span_ = std::max(span_, saturating_difference(now.at, from));
}

std::uint64_t Change::of(std::string_view name,
                         const std::map<std::string, std::string, std::less<>>& labels) const {
  return whole(now_->sum(name, labels) - (before_ != nullptr ? before_->sum(name, labels) : 0));
}

std::vector<Trouble> Change::troubles() const {
  std::vector<Trouble> found;
  const auto look = [&](std::string_view metric, std::string_view label, std::string_view what) {
    for (const auto& source : values_of(*now_, metric, "source")) {
      const auto count = of(metric, {{"source", source}, {std::string(label), std::string(what)}});
      if (count > 0) found.push_back({now_->at, source, std::string(what), count});
    }
  };
  for (const auto& reason : values_of(*now_, kRefusals, "reason")) look(kRefusals, "reason", reason);
  for (const auto outcome : kTroubles) look(kDeliveries, "outcome", outcome);
  return found;
}

std::vector<Latency> Change::latencies() const {
  std::vector<Latency> found;
  for (const auto& source : values_of(*now_, kAnswers, "source")) {
    if (now_->sum(kAnswers, {{"source", source}}) == 0) continue;
    found.push_back(
        {source, of(kAnswers, {{"source", source}}), quantile(source, 0.5), quantile(source, 0.99)});
  }
  return found;
}

std::optional<double> Change::quantile(std::string_view source, double share) const {
  const std::string name(source);
  const bool idle = of(kAnswers, {{"source", name}}) == 0;
  const auto count = [&](std::map<std::string, std::string, std::less<>> labels, std::string_view metric) {
    labels["source"] = name;
    return idle ? whole(now_->sum(metric, labels)) : of(metric, labels);
  };
  const auto all = static_cast<double>(count({}, kAnswers));
  if (all == 0) return std::nullopt;
  for (const auto& le : values_of(*now_, kBuckets, "le")) {
    if (static_cast<double>(count({{"le", le}}, kBuckets)) >= share * all) return bound_of(le);
  }
  return std::numeric_limits<double>::infinity();
}

void TroubleLog::add(const Change& change) {
  for (auto& trouble : change.troubles()) lines_.push_front(std::move(trouble));
  if (lines_.size() > kLinesMax) lines_.resize(kLinesMax);
}

std::string top_text(std::string_view agent, const Scrape* before, const Scrape& now, const TroubleLog& log,
                     const Style& style) {
  const Change change(before, now);
  const Change since_start(nullptr, now);
  auto text = fmt::format("loopstate {} at {}, running for {}; {}\n\n",
                          printable(now.label("loopstate_build_info", "version")), printable(agent),
                          span_text(since_start.span()), time_text(now.at));
  text += outcomes_text(now, change, style) + losses_text(now);
  text += latencies_text(change, style);
  text += troubles_text(log, style);
  text += store_text(now, style);
  text += "\n" + style.bold("http") + "\n";
  text += fmt::format("  {} open; {} for a path that is nothing here\n",
                      count_text(whole(now.sum("loopstate_http_connections")), "connection", "connections"),
                      count_text(whole(now.sum("loopstate_http_misdirected_total", {{"status", "404"}})),
                                 "request", "requests"));
  return text;
}

std::string top_json(std::string_view agent, const Scrape& now) {
  const Change change(nullptr, now);
  JsonObject outcomes;
  for (const auto& outcome : values_of(now, kDeliveries, "outcome")) {
    outcomes.number(outcome, change.of(kDeliveries, {{"outcome", outcome}}));
  }
  JsonObject refusals;
  for (const auto& reason : values_of(now, kRefusals, "reason")) {
    refusals.number(reason, change.of(kRefusals, {{"reason", reason}}));
  }
  JsonObject errors;
  for (const auto& code : values_of(now, kErrors, "code")) {
    if (const auto count = change.of(kErrors, {{"code", code}}); count > 0) errors.number(code, count);
  }
  JsonObject json;
  json.text("agent", agent).text("version", now.label("loopstate_build_info", "version"));
  json.number("running_seconds", static_cast<std::uint64_t>(change.span().count()));
  json.raw("deliveries", outcomes.str()).raw("refusals", refusals.str()).raw("store_errors", errors.str());
  if (now.has("loopstate_store_file_bytes")) {
    json.number("store_file_bytes", whole(now.sum("loopstate_store_file_bytes")));
    json.number("store_free_bytes", whole(now.sum("loopstate_store_free_bytes")));
    json.number("waiting_writes", whole(now.sum("loopstate_store_waiting_writes")));
  }
  json.number("connections", whole(now.sum("loopstate_http_connections")));
  return json.str();
}

}  // namespace loopstate::cli
