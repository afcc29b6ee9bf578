// From two scrapes to what `loopstate top` shows.
#include "cli/top_screen.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "base/timestamp.hpp"

namespace loopstate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Figures {
  int recorded = 0;
  int busy = 0;
  int bad_signatures = 0;
  int fast = 0;  ///< of Square, within 5 ms
  int slow = 0;  ///< of Square, within 20 s
  int started = 1'800'000'000;
  int at = 1'800'003'600;
};

Scrape scrape(const Figures& figures) {
  const auto text =
      "# TYPE loopstate_deliveries_total counter\n"
      "loopstate_build_info{version=\"1.2.3\"} 1\n"
      "process_start_time_seconds " +
      std::to_string(figures.started) +
      "\n"
      "loopstate_deliveries_total{source=\"square\",outcome=\"recorded\"} " +
      std::to_string(figures.recorded) +
      "\n"
      "loopstate_deliveries_total{source=\"square\",outcome=\"store_busy\"} " +
      std::to_string(figures.busy) +
      "\n"
      "loopstate_deliveries_total{source=\"square\",outcome=\"too_old\"} 0\n"
      "loopstate_refusals_total{source=\"square\",reason=\"bad_signature\"} " +
      std::to_string(figures.bad_signatures) +
      "\n"
      "loopstate_store_file_bytes 2097152\nloopstate_store_free_bytes "
      "1048576\nloopstate_store_waiting_writes 1\n"
      "loopstate_store_retries_total 4\nloopstate_store_errors_total{code=\"Throttled\"} 3\n"
      "loopstate_http_connections 2\nloopstate_http_misdirected_total{status=\"404\"} 7\n"
      "loopstate_delivery_duration_seconds_bucket{source=\"square\",le=\"0.005\"} " +
      std::to_string(figures.fast) +
      "\n"
      "loopstate_delivery_duration_seconds_bucket{source=\"square\",le=\"20\"} " +
      std::to_string(figures.fast + figures.slow) +
      "\n"
      "loopstate_delivery_duration_seconds_bucket{source=\"square\",le=\"+Inf\"} " +
      std::to_string(figures.fast + figures.slow) +
      "\n"
      "loopstate_delivery_duration_seconds_count{source=\"square\"} " +
      std::to_string(figures.fast + figures.slow) + "\n";
  auto read = read_metrics(text, from_unix_seconds(figures.at));
  EXPECT_TRUE(read) << read.error().message;
  return read ? std::move(*read) : Scrape{};
}

std::string screen(const Scrape* before, const Scrape& now) {
  TroubleLog log;
  log.add(Change(before, now));
  return top_text("127.0.0.1:8081", before, now, log, Style(false));
}

TEST(TopScreen, ShowsWhatChangedBesideTheWhole) {
  const auto before = scrape({.recorded = 1200, .at = 1'800'003'600});
  const auto text = screen(&before, scrape({.recorded = 1204, .at = 1'800'003'602}));
  EXPECT_THAT(
      text, HasSubstr("loopstate 1.2.3 at 127.0.0.1:8081, running for 1 h 0 min; 2027-01-15 09:00:02 UTC\n"));
  EXPECT_THAT(text, testing::ContainsRegex("  +in all +in 2 s +square\n"));
  EXPECT_THAT(text, testing::ContainsRegex("  recorded +1,204 +4 +1,204\n"));
  EXPECT_THAT(text, Not(HasSubstr("too_old"))) << "what never happened takes no room";
  EXPECT_THAT(text, HasSubstr("file 2.0 MiB, 1.0 MiB of it free; 1 write wait"));
  EXPECT_THAT(text, HasSubstr("4 calls were repeated, 3 Throttled"));
  EXPECT_THAT(text, HasSubstr("2 connections open; 7 requests for a path that is nothing here"));
}

TEST(TopScreen, ALookAtOneScrapeShowsEverythingSinceTheStart) {
  const auto text = screen(nullptr, scrape({.recorded = 5, .bad_signatures = 2}));
  EXPECT_THAT(text, testing::ContainsRegex("  recorded +5 +5\n"));
  EXPECT_THAT(text, HasSubstr("bad_signature"));
  EXPECT_THAT(text, HasSubstr("2 deliveries"));
}

TEST(TopScreen, CapturesThatNobodySettledInTimeAreSaid) {
  auto now = scrape({.recorded = 5});
  EXPECT_THAT(screen(nullptr, now), Not(HasSubstr("full ring")));
  now.samples.push_back({"loopstate_captures_dropped_total", {}, 1});
  now.samples.push_back({"loopstate_captures_expired_total", {}, 1204});
  EXPECT_THAT(screen(nullptr, now),
              HasSubstr("  1 capture dropped by a full ring, 1,204 expired unsettled\n"));
}

TEST(TopScreen, AnAgentThatWasStartedAnewIsNotComparedWithItsFormerLife) {
  const auto before = scrape({.recorded = 100, .started = 1'800'000'000});
  const auto now = scrape({.recorded = 3, .started = 1'800'003'000});
  const Change change(&before, now);
  EXPECT_TRUE(change.since_start());
  EXPECT_EQ(change.of("loopstate_deliveries_total", {{"outcome", "recorded"}}), 3u);
  EXPECT_EQ(change.span(), std::chrono::seconds(600));
}

TEST(TopScreen, TroubleIsListedNewestFirstWithItsSourceAndAtMostEightLines) {
  TroubleLog log;
  Scrape before = scrape({});
  for (int i = 1; i <= 10; ++i) {
    auto now = scrape({.busy = i, .bad_signatures = 2 * i, .at = 1'800'003'600 + i});
    log.add(Change(&before, now));
    before = std::move(now);
  }
  ASSERT_EQ(log.lines().size(), TroubleLog::kLinesMax);
  EXPECT_EQ(log.lines()[0].what, "store_busy");
  EXPECT_EQ(log.lines()[1].what, "bad_signature");
  EXPECT_EQ(log.lines()[1].count, 2u);
  EXPECT_EQ(log.lines()[1].source, "square");
  EXPECT_EQ(log.lines()[0].noticed, from_unix_seconds(1'800'003'610));
}

TEST(TopScreen, LatencyIsThatOfTheLastInterval) {
  const auto before = scrape({.fast = 1000});
  const auto now = scrape({.fast = 1000, .slow = 10});
  const auto latencies = Change(&before, now).latencies();
  ASSERT_EQ(latencies.size(), 1u);
  EXPECT_EQ(latencies[0].answered, 10u);
  EXPECT_EQ(latencies[0].median, 20.0);
  EXPECT_EQ(Change(nullptr, now).latencies()[0].median, 0.005);
  EXPECT_EQ(Change(&now, now).latencies()[0].p99, 0.005) << "with no answers, since the start";
}

TEST(TopScreen, AScriptGetsTheCountsSinceTheStart) {
  const auto json = top_json("127.0.0.1:8081", scrape({.recorded = 5, .bad_signatures = 2}));
  EXPECT_THAT(json, HasSubstr("\"deliveries\":{\"recorded\":5,"));
  EXPECT_THAT(json, HasSubstr("\"refusals\":{\"bad_signature\":2}"));
  EXPECT_THAT(json, HasSubstr("\"store_errors\":{\"Throttled\":3}"));
  EXPECT_THAT(json, HasSubstr("\"waiting_writes\":1"));
}

TEST(TopScreen, WhatAStrangerAnswersDoesNotSteerTheTerminal) {
  const auto hostile = read_metrics(
      "loopstate_build_info{version=\"\x1b[2J\"} 1\n"
      "loopstate_deliveries_total{source=\"\x1b]0;x\x07\",outcome=\"\x1b[31m\"} 5\n"
      "loopstate_delivery_duration_seconds_bucket{source=\"\x1b[H\",le=\"nan\"} nan\n"
      "loopstate_delivery_duration_seconds_count{source=\"\x1b[H\"} inf\n"
      "loopstate_refusals_total{source=\"\x1b[H\",reason=\"\x1b[H\"} 1e300\n",
      from_unix_seconds(1'800'000'000));
  ASSERT_TRUE(hostile);
  TroubleLog log;
  log.add(Change(nullptr, *hostile));
  for (const Scrape* before : {static_cast<const Scrape*>(nullptr), &*hostile}) {
    EXPECT_THAT(top_text("http://x", before, *hostile, log, Style(false)), Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(top_json("http://x", *hostile), Not(HasSubstr("\x1b")));
}

TEST(ReadMetrics, ALineOfAnotherFormIsNamedAndAStrangersMetricsAreNotTaken) {
  const auto broken = read_metrics("loopstate_deliveries_total{source=\"square} 1\n", {});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("loopstate_deliveries_total{source"));
  EXPECT_FALSE(read_metrics("loopstate_deliveries_total{source=\"square\"} lots\n", {}));
  const auto stranger = read_metrics("go_goroutines 9\n", {});
  ASSERT_FALSE(stranger);
  EXPECT_THAT(stranger.error().message, HasSubstr("not the metrics of a loopstate agent"));
}

TEST(ReadMetrics, ALabelMayHoldWhatMustBeEscaped) {
  const auto read =
      read_metrics("loopstate_deliveries_total{source=\"a\\\"b\\\\c\",outcome=\"x\"} 1.5e3\n", {});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->samples[0].label("source"), "a\"b\\c");
  EXPECT_EQ(read->samples[0].value, 1500);
}

}  // namespace
}  // namespace loopstate::cli
