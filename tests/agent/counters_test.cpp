#include "agent/counters.hpp"

#include <fmt/format.h>

#include <set>

#include "agent/answer.hpp"

namespace loopstate::agent {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;
using testing::Not;

TEST(Counters, CountOutcomesBySource) {
  Counters counters;
  counters.delivered(Source::Square, Outcome::Recorded, microseconds(300));
  counters.delivered(Source::Square, Outcome::Recorded, microseconds(700));
  counters.delivered(Source::Fidel, Outcome::Duplicate, microseconds(10));
  const auto text = counters.to_prometheus({});
  EXPECT_THAT(text, HasSubstr("loopstate_deliveries_total{source=\"square\",outcome=\"recorded\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_deliveries_total{source=\"fidel\",outcome=\"duplicate\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_deliveries_total{source=\"stripe\",outcome=\"recorded\"} 0\n"));
}

TEST(Counters, TheHistogramIsCumulative) {
  Counters counters;
  counters.delivered(Source::Stripe, Outcome::Recorded, microseconds(500));
  counters.delivered(Source::Stripe, Outcome::Recorded, microseconds(501));
  counters.delivered(Source::Stripe, Outcome::Recorded, std::chrono::minutes(1));
  const auto text = counters.to_prometheus({});
  const std::string name = "loopstate_delivery_duration_seconds";
  EXPECT_THAT(text, HasSubstr(name + "_bucket{source=\"stripe\",le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{source=\"stripe\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{source=\"stripe\",le=\"20\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{source=\"stripe\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count{source=\"stripe\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_sum{source=\"stripe\"} 60.001001\n"));
}

TEST(Counters, RefusalsRetriesAndStoreErrors) {
  Counters counters;
  counters.refused(Source::Square, "bad_signature");
  counters.store_failed(ErrorCode::Unavailable);
  counters.store_failed(ErrorCode::Unavailable);
  counters.retried();
  counters.looked_up(true);
  counters.looked_up(false);
  const auto text = counters.to_prometheus({});
  EXPECT_THAT(text, HasSubstr("loopstate_refusals_total{source=\"square\",reason=\"bad_signature\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_store_errors_total{code=\"Unavailable\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_store_retries_total 1\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_cache_hits_total 1\n"));
}

TEST(Counters, ReasonsAreBounded) {
  Counters counters;
  for (int i = 0; i < 1000; ++i) counters.refused(Source::Square, fmt::format("r{}", i));
  const auto text = counters.to_prometheus({});
  EXPECT_THAT(text, HasSubstr("reason=\"other\"} "));
  EXPECT_THAT(text, Not(HasSubstr("reason=\"r999\"")));
}

/// The series of a scrape: its lines without their values.
std::set<std::string> series_of(const std::string& text) {
  std::set<std::string> series;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with('#')) series.insert(line.substr(0, line.rfind(' ')));
  }
  return series;
}

/// Prometheus' rate() does not see a series jump from nothing to 1, and an alert over it has no data.
TEST(Counters, EverySeriesIsThereBeforeAnythingHappened) {
  Counters counters;
  const auto before = counters.to_prometheus({});
  for (const auto source : {Source::Square, Source::Stripe, Source::Fidel, Source::EventBridge}) {
    for (std::size_t i = 0; i < kOutcomes; ++i) {
      counters.delivered(source, static_cast<Outcome>(i), microseconds(1));
    }
    if (source == Source::EventBridge) {
      counters.refused(source, "malformed_event");
      continue;
    }
    for (int kind = 0; kind <= static_cast<int>(webhook::RefusalKind::UnsupportedPayload); ++kind) {
      counters.refused(source, reason_of(static_cast<webhook::RefusalKind>(kind)));
    }
    counters.refused(source, "too_large");
  }
  for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
    counters.store_failed(static_cast<ErrorCode>(code));
  }
  counters.not_found();
  counters.method_not_allowed();
  const auto after = counters.to_prometheus({});
  EXPECT_EQ(series_of(before), series_of(after));
  EXPECT_THAT(before,
              HasSubstr("loopstate_deliveries_total{source=\"fidel\",outcome=\"clock_doubted\"} 0\n"));
  EXPECT_THAT(before, HasSubstr("loopstate_store_errors_total{code=\"StorageFull\"} 0\n"));
  EXPECT_THAT(before, HasSubstr("loopstate_refusals_total{source=\"stripe\",reason=\"bad_signature\"} 0\n"));
  EXPECT_THAT(after, HasSubstr("loopstate_http_misdirected_total{status=\"404\"} 1\n"));
}

TEST(Counters, TheProgramsVersionItsStartAndItsFileAreThereIfItHasThem) {
  Counters::Gauges gauges;
  EXPECT_THAT(Counters().to_prometheus(gauges), Not(HasSubstr("build_info")));
  EXPECT_THAT(Counters().to_prometheus(gauges), Not(HasSubstr("loopstate_store_file_bytes")));
  gauges.process.version = "1.2.3";
  gauges.process.started_at = std::chrono::seconds(1'800'000'000);
  gauges.process.storage = Counters::Storage{.file_bytes = 8192, .free_bytes = 4096, .waiting_writes = 7};
  const auto text = Counters().to_prometheus(gauges);
  EXPECT_THAT(text, HasSubstr("loopstate_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("process_start_time_seconds 1800000000\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_store_file_bytes 8192\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_store_free_bytes 4096\n"));
  EXPECT_THAT(text, HasSubstr("loopstate_store_waiting_writes 7\n"));
}

/// Each line of the format is a comment or `name{labels} value`, and each metric is declared before its
/// values.
TEST(Counters, EveryLineIsOfThePrometheusFormat) {
  Counters counters;
  counters.refused(Source::Fidel, "stale_timestamp");
  counters.store_failed(ErrorCode::CorruptItem);
  const auto text = counters.to_prometheus({});
  ASSERT_TRUE(text.ends_with('\n'));
  std::string announced;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# TYPE ")) {
      announced = line.substr(7, line.find(' ', 7) - 7);
    } else if (!line.starts_with("# HELP ")) {
      EXPECT_THAT(line, testing::MatchesRegex("[a-z_]+(\\{.*\\})? [0-9.]+")) << line;
      EXPECT_TRUE(line.starts_with(announced)) << line;
    }
  }
}

}  // namespace
}  // namespace loopstate::agent
