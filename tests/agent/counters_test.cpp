#include "agent/counters.hpp"

#include <fmt/format.h>

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
  EXPECT_THAT(text, Not(HasSubstr("code=\"Throttled\"")));
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
