// Callers that count under faults, each until its result is known: the table must end exactly where the
// acknowledged calls say.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "port/runner.hpp"
#include "table/table.hpp"
#include "times.hpp"

namespace loopstate::table {

class CountingCallers {
 public:
  struct Scale {
    int callers = 12;
    int operations_each = 250;
    std::chrono::milliseconds timeout{2'000};  ///< of one call
    /// As a store does: a repetition is another transaction, which is refused by the item of the first one.
    bool token_each_time = false;
  };

  /// `run` tells this run's tokens from others': a server has one set of them for all its tables.
  CountingCallers(std::string run, Scale scale) : run_(std::move(run)), scale_(scale) {}

  /// Nothing goes wrong on the way to `table`.
  void prepare(Runner& runner, Table& table) {
    for (int number = 0; number < kCounters; ++number) {
      ASSERT_TRUE(runner.run(table.put({Item{counter(number), {}}, {}}, call())).has_value());
    }
  }

  /// Returns how many outcomes stayed unknown for a while.
  int count(Runner& runner, Table& under_faults) {
    std::vector<std::unique_ptr<Caller>> callers;
    std::vector<std::future<Acknowledged>> running;
    for (int number = 0; number < scale_.callers; ++number) {
      callers.push_back(std::make_unique<Caller>(*this, under_faults, number));
      running.push_back(
          boost::asio::co_spawn(runner.executor(), callers.back()->run(), boost::asio::use_future));
    }
    for (auto& one_caller : running) {
      const Acknowledged part = one_caller.get();
      for (std::size_t at = 0; at < kCounters; ++at) all_.counts[at] += part.counts[at];
      all_.created += part.created;
      all_.unknown += part.unknown;
    }
    return all_.unknown;
  }

  /// As `prepare`.
  void verify(Runner& runner, Table& table) {
    for (int number = 0; number < kCounters; ++number) {
      const auto item = runner.run(table.get(counter(number), call()));
      ASSERT_TRUE(item && *item);
      EXPECT_EQ((*item)->int64("count"), all_.counts[static_cast<std::size_t>(number)]) << number;
    }
    Query query;
    query.pk = "created";
    std::int64_t created = 0;
    do {
      const auto page = runner.run(table.query(query, call()));
      ASSERT_TRUE(page);
      created += static_cast<std::int64_t>(page->items.size());
      query.cursor = page->next;
    } while (query.cursor);
    EXPECT_EQ(created, all_.created);
  }

 private:
  static constexpr int kCounters = 5;

  /// What a caller was told it had done.
  struct Acknowledged {
    std::array<std::int64_t, kCounters> counts{};
    std::int64_t created = 0;
    int unknown = 0;
  };

  static Key counter(int number) { return {"counter", std::to_string(number)}; }
  static Value one() { return Value::number(std::int64_t{1}); }
  Call call() const {
    return {from_unix_seconds(1'000'000), std::chrono::steady_clock::now() + scale_.timeout};
  }

  class Caller {
   public:
    Caller(const CountingCallers& all, Table& table, int number)
        : all_(all), table_(table), number_(number), random_(static_cast<unsigned>(number)) {}

    Task<Acknowledged> run() {
      for (int at = 0; at < all_.scale_.operations_each; ++at) {
        const std::string id = fmt::format("{}-{}", number_, at);
        const int first = pick(kCounters);
        bool done = false;
        // As a caller does: again under the same id until the result is known.
        for (int round = 0; round < 100 && !done; ++round) {
          if (at % 3 == 0) {
            done = co_await both(id, round, first);
          } else {
            done = co_await add(id, first);
          }
        }
        EXPECT_TRUE(done) << id << ": " << last_error_;
      }
      co_return acknowledged_;
    }

   private:
    int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

    bool failed(const Error& error) {
      EXPECT_TRUE(error.retryable) << to_string(error.code) << ": " << error.message;
      if (error.code == ErrorCode::OutcomeUnknown) ++acknowledged_.unknown;
      last_error_ = error.message;
      return false;
    }

    /// One conditional write, identified by its id.
    Task<bool> add(std::string id, int which) {
      UpdateItem update{counter(which), {}, Condition::negate(Condition::contains("ids", id))};
      update.update.push_back(Change::add("count", one()));
      update.update.push_back(Change::add("ids", Value(StringSet{{id}})));
      const auto outcome = co_await table_.update(std::move(update), all_.call());
      if (!outcome) co_return failed(outcome.error());
      EXPECT_TRUE(outcome->applied || outcome->item);
      ++acknowledged_.counts[static_cast<std::size_t>(which)];
      co_return true;
    }

    /// A transaction, identified by its token, or by the item that it creates.
    Task<bool> both(std::string id, int round, int which) {
      std::vector<Operation> operations;
      operations.emplace_back(UpdateItem{counter(which), {Change::add("count", one())}, {}});
      operations.emplace_back(Put{Item{{"created", id}, {}}, Condition::item_absent()});
      std::string token = all_.run_ + "-" + id;
      if (all_.scale_.token_each_time) token += fmt::format("-{}", round);
      const auto outcome = co_await table_.transact(std::move(operations), std::move(token), all_.call());
      if (!outcome) co_return failed(outcome.error());
      EXPECT_TRUE(outcome->applied || (all_.scale_.token_each_time && outcome->refusals[1].item));
      ++acknowledged_.counts[static_cast<std::size_t>(which)];
      ++acknowledged_.created;
      co_return true;
    }

    const CountingCallers& all_;
    Table& table_;
    int number_;
    std::minstd_rand random_;
    Acknowledged acknowledged_;
    std::string last_error_;
  };

  std::string run_;
  Scale scale_;
  Acknowledged all_;
};

}  // namespace loopstate::table
