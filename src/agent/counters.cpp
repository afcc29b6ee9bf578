#include "agent/counters.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/answer.hpp"

namespace loopstate::agent {
namespace {

constexpr std::size_t kReasonsMax = 32;

constexpr std::array kAllSources{Source::Square, Source::Stripe, Source::Fidel, Source::EventBridge};
static_assert(kAllSources.size() == kSources);

using webhook::RefusalKind;
constexpr std::array kAllRefusals{RefusalKind::SwitchedOff,       RefusalKind::MissingHeader,
                                  RefusalKind::MalformedHeader,   RefusalKind::BadSignature,
                                  RefusalKind::StaleTimestamp,    RefusalKind::MalformedPayload,
                                  RefusalKind::UnsupportedPayload};
static_assert(kAllRefusals.size() == static_cast<std::size_t>(RefusalKind::UnsupportedPayload) + 1);

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            std::uint64_t value) {
  head(out, name, type, help);
  out += fmt::format("{} {}\n", name, value);
}

template <typename Enum>
constexpr std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

void start_time(std::string& out, const Counters::Process& process) {
  if (process.version.empty()) return;
  head(out, "loopstate_build_info", "gauge", "Always 1; the label is the program's version.");
  out += fmt::format("loopstate_build_info{{version=\"{}\"}} 1\n", process.version);
  single(out, "process_start_time_seconds", "gauge", "When the agent began, in seconds since 1970.",
         static_cast<std::uint64_t>(process.started_at.count()));
}

void storage(std::string& out, const Counters::Storage& storage) {
  single(out, "loopstate_store_file_bytes", "gauge", "Size of the store's file, used and free pages.",
         storage.file_bytes);
  single(out, "loopstate_store_free_bytes", "gauge",
         "Free pages within the file, which are reused before it grows.", storage.free_bytes);
  single(out, "loopstate_store_waiting_writes", "gauge", "Writes that wait for the store's writer.",
         storage.waiting_writes);
}

}  // namespace

Counters::Counters() {
  for (const auto source : kAllSources) {
    if (source == Source::EventBridge) continue;
    for (const auto kind : kAllRefusals) refusals_[{source, std::string(reason_of(kind))}] = 0;
    refusals_[{source, "too_large"}] = 0;
  }
  refusals_[{Source::EventBridge, "malformed_event"}] = 0;
}

void Counters::delivered(Source source, Outcome outcome, std::chrono::microseconds duration) noexcept {
  ++outcomes_[index(source)][index(outcome)];
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::ranges::lower_bound(kBucketSeconds, seconds) - kBucketSeconds.begin();
  ++buckets_[index(source)][static_cast<std::size_t>(bucket)];
  microseconds_[index(source)] += static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
}

void Counters::refused(Source source, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  const bool room = refusals_.size() < kReasonsMax * kSources;
  auto key = std::pair(source, std::string(reason));
  if (!room && !refusals_.contains(key)) key.second = "other";
  ++refusals_[std::move(key)];
}

void Counters::store_failed(ErrorCode code) noexcept {
  ++store_errors_[index(code)];
}

std::uint64_t Counters::delivered(Source source, Outcome outcome) const noexcept {
  return outcomes_[index(source)][index(outcome)].load();
}

std::string Counters::to_prometheus(const Gauges& gauges) const {
  std::string out;
  out.reserve(16'384);
  start_time(out, gauges.process);
  append_outcomes(out);
  append_refusals(out);
  append_store(out, gauges);
  single(out, "loopstate_waiting_recorded_total", "counter",
         "Purchases that waited for their card and were recorded when this process linked it.",
         waited_.load());
  single(out, "loopstate_waiting_unlinked_total", "counter",
         "Purchases that this process kept for their card, which nobody linked in time.", unlinked_.load());
  single(out, "loopstate_cache_hits_total", "counter", "Purchases whose card was held in memory.",
         cache_hits_.load());
  single(out, "loopstate_cache_misses_total", "counter", "Purchases whose card was not held in memory.",
         cache_misses_.load());
  single(out, "loopstate_cache_users", "gauge", "Users held in memory.", gauges.cached_users);
  single(out, "loopstate_cache_bytes", "gauge", "Their approximate size in bytes.", gauges.cached_bytes);
  if (gauges.process.storage) storage(out, *gauges.process.storage);
  append_http(out, gauges.process);
  append_durations(out);
  return out;
}

void Counters::append_outcomes(std::string& out) const {
  head(out, "loopstate_deliveries_total", "counter", "Deliveries and events by outcome.");
  for (const auto source : kAllSources) {
    for (std::size_t i = 0; i < kOutcomes; ++i) {
      const auto count = outcomes_[index(source)][i].load();
      out += fmt::format("loopstate_deliveries_total{{source=\"{}\",outcome=\"{}\"}} {}\n", to_string(source),
                         to_string(static_cast<Outcome>(i)), count);
    }
  }
}

void Counters::append_refusals(std::string& out) const {
  head(out, "loopstate_refusals_total", "counter", "Refused deliveries by reason.");
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : refusals_) {
    out += fmt::format("loopstate_refusals_total{{source=\"{}\",reason=\"{}\"}} {}\n", to_string(key.first),
                       key.second, count);
  }
}

void Counters::append_store(std::string& out, const Gauges& gauges) const {
  head(out, "loopstate_store_errors_total", "counter", "Failed calls to the store, including retried ones.");
  for (std::size_t i = 0; i < kErrorCodes; ++i) {
    const auto count = store_errors_[i].load();
    out += fmt::format("loopstate_store_errors_total{{code=\"{}\"}} {}\n",
                       loopstate::to_string(static_cast<ErrorCode>(i)), count);
  }
  single(out, "loopstate_store_retries_total", "counter", "Calls to the store that were retried.",
         retries_.load());
  single(out, "loopstate_store_requests_total", "counter", "Requests sent to a remote store.",
         gauges.store_requests);
  single(out, "loopstate_store_fallbacks_total", "counter",
         "Calls made on DynamoDB itself because the DAX cluster was down.", gauges.store_fallbacks);
  single(out, "loopstate_captures_dropped_total", "counter",
         "Captures that a full ring dropped to make room for a later one.", gauges.lost.dropped);
  single(out, "loopstate_captures_expired_total", "counter",
         "Captures whose time ended unsettled, counted by the write that found them missing.",
         gauges.lost.expired);
}

void Counters::append_http(std::string& out, const Process& process) const {
  head(out, "loopstate_http_misdirected_total", "counter",
       "Requests for a path that is nothing here (404), or with a method that is wrong there (405).");
  out += fmt::format("loopstate_http_misdirected_total{{status=\"404\"}} {}\n", not_found_.load());
  out += fmt::format("loopstate_http_misdirected_total{{status=\"405\"}} {}\n", method_not_allowed_.load());
  single(out, "loopstate_http_connections", "gauge", "Open connections.", process.connections);
}

void Counters::append_durations(std::string& out) const {
  constexpr std::string_view name = "loopstate_delivery_duration_seconds";
  head(out, name, "histogram", "Time from a complete request to its answer.");
  for (const auto source : kAllSources) {
    const auto label = to_string(source);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= kBucketSeconds.size(); ++i) {
      total += buckets_[index(source)][i].load();
      const auto bound = i < kBucketSeconds.size() ? fmt::format("{}", kBucketSeconds[i]) : "+Inf";
      out += fmt::format("{}_bucket{{source=\"{}\",le=\"{}\"}} {}\n", name, label, bound, total);
    }
    const auto seconds = static_cast<double>(microseconds_[index(source)].load()) / 1e6;
    out += fmt::format("{}_sum{{source=\"{}\"}} {:.6f}\n", name, label, seconds);
    out += fmt::format("{}_count{{source=\"{}\"}} {}\n", name, label, total);
  }
}

}  // namespace loopstate::agent
