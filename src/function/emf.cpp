#include "function/emf.hpp"

#include <fmt/format.h>

#include <vector>

#include "json/writer.hpp"

namespace loopstate::function {
namespace {

struct Metric {
  std::string_view name;
  std::string_view unit;
  std::string value;
};

std::vector<Metric> metrics_of(const Tally& tally) {
  std::vector<Metric> metrics;
  const auto always = [&](std::string_view name, std::uint64_t value) {
    metrics.push_back({name, "Count", fmt::format("{}", value)});
  };
  const auto some = [&](std::string_view name, std::uint64_t value) {
    if (value > 0) always(name, value);
  };
  metrics.push_back(
      {"Latency", "Milliseconds", fmt::format("{:.3f}", static_cast<double>(tally.latency.count()) / 1000)});
  always("StoreRequests", tally.store_requests);
  always("Captures", tally.captures);
  some("Duplicates", tally.duplicates);
  some("Refunds", tally.refunds);
  some("UnknownCards", tally.unknown_cards);
  some("TooOld", tally.too_old);
  some("Refusals", tally.refusals);
  some("BadSignatures", tally.bad_signatures);
  some("SwitchedOff", tally.switched_off);
  some("StoreBusy", tally.store_busy);
  some("Failures", tally.failures);
  some("BadRequests", tally.bad_requests);
  some("Records", tally.records);
  some("RecordsFailed", tally.records_failed);
  some("StoreRetries", tally.retries);
  some("StoreConflicts", tally.conflicts);
  some("ColdStarts", tally.cold ? 1 : 0);
  return metrics;
}

void write_directive(json::Writer& json, const std::vector<Metric>& metrics) {
  json.begin_object().key("Namespace").string("loopstate");
  json.key("Dimensions").begin_array().begin_array().string("FunctionName").end_array().end_array();
  json.key("Metrics").begin_array();
  for (const auto& metric : metrics) {
    json.begin_object().key("Name").string(metric.name).key("Unit").string(metric.unit).end_object();
  }
  json.end_array().end_object();
}

bool is_signature_problem(std::string_view refusal) {
  return refusal == "bad_signature" || refusal == "missing_header" || refusal == "malformed_header" ||
         refusal == "stale_timestamp";
}

}  // namespace

void Tally::count(const agent::Answer& answer) noexcept {
  retries += answer.retries;
  switch (answer.outcome) {
    case agent::Outcome::Recorded:
      ++captures;
      break;
    case agent::Outcome::Duplicate:
      ++duplicates;
      break;
    case agent::Outcome::RefundRecorded:
    case agent::Outcome::RefundExceeds:
      ++refunds;
      break;
    case agent::Outcome::UnknownCard:
    case agent::Outcome::WaitingForLink:
      ++unknown_cards;
      break;
    case agent::Outcome::TooOld:
      ++too_old;
      break;
    case agent::Outcome::Refused:
      ++refusals;
      if (is_signature_problem(answer.refusal)) ++bad_signatures;
      if (answer.refusal == "switched_off") ++switched_off;
      break;
    case agent::Outcome::StoreBusy:
    case agent::Outcome::TooManyWaiting:
      ++store_busy;
      break;
    case agent::Outcome::Failed:
    case agent::Outcome::ClockDoubted:
      ++failures;
      break;
    default:
      break;
  }
}

std::string write_metrics(const Tally& tally, std::string_view function_name, std::string_view request_id,
                          std::int64_t unix_ms) {
  const auto metrics = metrics_of(tally);
  json::Writer json(1024);
  json.begin_object().key("_aws").begin_object().key("Timestamp").number(unix_ms);
  json.key("CloudWatchMetrics").begin_array();
  write_directive(json, metrics);
  json.end_array().end_object();
  json.key("FunctionName").string(function_name).key("RequestId").string(request_id);
  for (const auto& metric : metrics) json.key(metric.name).raw(metric.value);
  json.end_object();
  return std::move(json).take();
}

}  // namespace loopstate::function
