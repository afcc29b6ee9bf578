// The basis of every test of the rules: a store over some engine, with the test's own clock
// and a table that lets the test intervene.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "loopstate/store.hpp"
#include "port/race.hpp"
#include "port/runner.hpp"
#include "store/fixture_items.hpp"
#include "store/hooked_table.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/store_access.hpp"
#include "table/table.hpp"
#include "times.hpp"

namespace loopstate::testing {

using table::race;

/// An engine to run the suite on; `make` gives each test its own empty table. The executor
/// outlives it.
struct StoreEngine {
  std::string name;
  std::function<std::shared_ptr<table::Table>(boost::asio::any_io_executor executor)> make;
  /// Its reads that may be stale are: that costs requests, and nothing else.
  bool is_stale = false;
  /// Each call is a request to another process: what is tried at every place elsewhere is tried at some here.
  bool is_server = false;
};

inline void PrintTo(const StoreEngine& engine, std::ostream* out) {
  *out << engine.name;
}

/// Each executable that lists the suite's sources defines this (engines.cpp).
std::vector<StoreEngine> store_engines();

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp now) : now_(now) {}
  Timestamp now() const override { return now_; }
  void set(Timestamp now) { now_ = now; }
  void advance(std::chrono::seconds by) { now_ = now_.load() + by; }

 private:
  std::atomic<Timestamp> now_;
};

/// When the fixtures of the Rust crate were written: a time at which all of them are live.
inline constexpr Timestamp kStart{std::chrono::seconds{1'795'575'900}};

/// Gives a name to a value that a helper makes, since the calls require one for what would be written in
/// braces (loopstate/by_name.hpp). It lasts as long as the thread.
template <typename T>
const T& named(T value) {
  thread_local std::deque<T> all;
  return all.emplace_back(std::move(value));
}

class StoreTest : public ::testing::TestWithParam<StoreEngine> {
 protected:
  StoreTest();

  /// Runs a call of the store to its end. Also works inside hooks.
  template <typename T>
  T run(Task<T> task) {
    return runner_.run(std::move(task));
  }
  /// Starts them all at once; returns the answers in order.
  template <typename T>
  std::vector<T> run_together(std::vector<Task<T>> tasks) {
    std::vector<std::future<T>> futures;
    for (auto& task : tasks) {
      futures.push_back(boost::asio::co_spawn(runner_.executor(), std::move(task), boost::asio::use_future));
    }
    std::vector<T> answers;
    for (auto& future : futures) answers.push_back(future.get());
    return answers;
  }

  static UserId user(std::string_view name = "U1") { return UserId::parse(name).value(); }
  static Fingerprint card(std::string_view name = "loop_fp_1") { return Fingerprint::parse(name).value(); }
  static TransactionId txn(std::string_view name = "square:p1") { return TransactionId::parse(name).value(); }
  static MerchantId merchant(std::string_view name = "M1") { return MerchantId::parse(name).value(); }
  /// Options that name the request.
  static CallOptions request(std::string id) { return CallOptions().request_id(std::move(id)); }

  /// What `requests` must be in number for a call that reads what may be stale in order to write: one more if
  /// it was.
  static ::testing::Matcher<std::size_t> after_reading(std::size_t requests) {
    if (!GetParam().is_stale) return ::testing::Eq(requests);
    return ::testing::AnyOf(requests, requests + 1);
  }

  Timestamp now() const { return clock_.now(); }
  void advance(std::chrono::seconds by) { clock_.advance(by); }

  /// Writes an item past the rules.
  void place(table::Item item);
  /// The stored item, expired or not.
  std::optional<table::Item> row(table::Key key);
  void remove(table::Key key);
  /// Everything that the Rust crate wrote.
  void place_rust_items();
  /// What an erasure leaves.
  void place_tombstone(std::string_view user);

  table::Runner runner_{6};
  ManualClock clock_{kStart};
  std::shared_ptr<table::Table> engine_;
  std::shared_ptr<HookedTable> table_;
  Store store_;
};

inline std::string engine_name(const ::testing::TestParamInfo<StoreEngine>& info) {
  return info.param.name;
}

/// Runs a suite on every engine of this executable.
#define LOOPSTATE_STORE_SUITE(suite)                                                                   \
  INSTANTIATE_TEST_SUITE_P(Engines, suite, ::testing::ValuesIn(::loopstate::testing::store_engines()), \
                           ::loopstate::testing::engine_name)

/// Whether a call was refused with that code; reports what it answered instead.
template <typename T>
::testing::AssertionResult refused_with(const Result<T>& result, ErrorCode code) {
  if (result) return ::testing::AssertionFailure() << "the call succeeded";
  if (result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << to_string(result.error().code) << ": " << result.error().message;
}

/// EXPECT_ERROR(result, NotFound)
#define EXPECT_ERROR(result, expected) \
  EXPECT_TRUE(::loopstate::testing::refused_with((result), ::loopstate::ErrorCode::expected))

/// The value of a result that must have one.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  return std::move(*result);
}
inline void must(const Result<void>& result) {
  if (!result) ADD_FAILURE() << to_string(result.error().code) << ": " << result.error().message;
}

}  // namespace loopstate::testing
