// A test's own cluster, with a table behind it and the engine in front.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "dax/on_cluster.hpp"
#include "dax/test_cluster.hpp"
#include "port/runner.hpp"

namespace loopstate::dax {

class ClusterFixture : public testing::Test {
 protected:
  void start(int nodes = 1, std::string_view more = "") {
    cluster = std::make_unique<TestCluster>(nodes, more);
    options.endpoint = cluster->endpoint();
    options.table = make_table(runner.executor());
    options.random = [] { return 0.0; };  // the first node of several, and no wait between attempts
    table = open_on_cluster(options);
  }

  template <typename Answer>
  Answer run(Task<Answer> task) {
    return runner.run(std::move(task));
  }
  /// Whether a write or a transaction was applied; an error fails the test.
  template <typename Outcome>
  bool applied(Task<Result<Outcome>> task) {
    const Result<Outcome> outcome = run(std::move(task));
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return outcome && outcome->applied;
  }
  static table::Call call(std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    return {Timestamp{std::chrono::seconds(1'000)}, std::chrono::steady_clock::now() + timeout};
  }

  static table::Item item(std::string_view value) {
    table::Item out;
    out.key = kKey;
    out.attributes.set("value", table::Value(value));
    return out;
  }
  static table::Put put(std::string_view value) { return {item(value), {}}; }
  static table::Put put_new(std::string_view value) { return {item(value), table::Condition::item_absent()}; }
  void place(std::string_view value) {
    const auto placed = run(open_service(options.table)->put(put(value), call()));
    ASSERT_TRUE(placed.has_value());
  }
  /// What the table itself contains.
  std::optional<table::Item> stored() { return run(open_service(options.table)->get(kKey, call())).value(); }

  std::uint64_t calls(std::string_view name) { return cluster->count("calls", name); }

  inline static const table::Key kKey{"USER#1", "CONTEXT"};
  table::Runner runner{1};
  OpenOptions options;
  std::unique_ptr<TestCluster> cluster;
  std::shared_ptr<table::Table> table;
};

}  // namespace loopstate::dax
