// Thousands of operations under random faults: the table ends exactly where the acknowledged calls say.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <random>

#include "dynamodb/on_server.hpp"
#include "fault_proxy/fault_proxy.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Change;
using table::Condition;
using table::Item;
using table::Key;
using table::Value;

namespace {

constexpr int kWorkers = 12;
constexpr int kOperationsEach = 250;
constexpr int kCounters = 5;
constexpr std::size_t kConnections = 8;

Call call() {
  return {from_unix_seconds(1'000'000), std::chrono::steady_clock::now() + std::chrono::milliseconds(2'000)};
}

Key counter(int number) {
  return {"counter", std::to_string(number)};
}

Value one() {
  return Value::number(std::int64_t{1});
}

/// What a worker was told it had done.
struct Acknowledged {
  std::array<std::int64_t, kCounters> counts{};
  std::int64_t created = 0;
  int unknown = 0;
};

class Worker {
 public:
  /// `run` tells this run's tokens from others': a server has one set of them for all its tables.
  Worker(table::Table& table, std::string run, int number)
      : table_(table), run_(std::move(run)), number_(number), random_(static_cast<unsigned>(number)) {}

  Task<Acknowledged> run() {
    for (int at = 0; at < kOperationsEach; ++at) {
      const std::string id = fmt::format("{}-{}", number_, at);
      const int first = pick(kCounters);
      bool done = false;
      // As a caller does: again under the same id until the result is known.
      for (int round = 0; round < 100 && !done; ++round) {
        if (at % 3 == 0) {
          done = co_await both(id, first);
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
    table::UpdateItem update{counter(which), {}, Condition::negate(Condition::contains("ids", id))};
    update.update.push_back(Change::add("count", one()));
    update.update.push_back(Change::add("ids", Value(table::StringSet{{id}})));
    const auto outcome = co_await table_.update(std::move(update), call());
    if (!outcome) co_return failed(outcome.error());
    EXPECT_TRUE(outcome->applied || outcome->item);
    ++acknowledged_.counts[static_cast<std::size_t>(which)];
    co_return true;
  }

  /// A transaction, identified by its token.
  Task<bool> both(std::string id, int which) {
    std::vector<table::Operation> operations;
    operations.emplace_back(table::UpdateItem{counter(which), {Change::add("count", one())}, {}});
    operations.emplace_back(table::Put{Item{{"created", id}, {}}, Condition::item_absent()});
    const auto outcome = co_await table_.transact(std::move(operations), run_ + "-" + id, call());
    if (!outcome) co_return failed(outcome.error());
    EXPECT_TRUE(outcome->applied);
    ++acknowledged_.counts[static_cast<std::size_t>(which)];
    ++acknowledged_.created;
    co_return true;
  }

  table::Table& table_;
  std::string run_;
  int number_;
  std::minstd_rand random_;
  Acknowledged acknowledged_;
  std::string last_error_;
};

}  // namespace

class UnderRandomFaults : public OnServer {
 protected:
  UnderRandomFaults() : OnServer(4) {
    auto& caller = settings_.caller;
    caller.retry.transient_base = caller.retry.throttling_base = std::chrono::milliseconds(1);
    caller.retry.attempts_max = 2;  // so that some calls end without knowing
    caller.attempt_timeout = std::chrono::milliseconds(500);
  }
};

TEST_F(UnderRandomFaults, TheTableEndsWhereTheAcknowledgedCallsSay) {
  for (int number = 0; number < kCounters; ++number) {
    ASSERT_TRUE(run(server_.table->put({Item{counter(number), {}}, {}}, call())));
  }

  std::mutex mutex;
  std::mt19937 random(7);
  FaultProxy proxy(server_endpoint(), [&](const SeenRequest&) {
    const std::lock_guard lock(mutex);
    if (random() % 5 != 0) return Fault::None;
    const auto last = static_cast<unsigned>(Fault::CloseAfter);
    const auto fault = static_cast<Fault>(random() % (last + 1));
    return fault == Fault::Hang && random() % 8 != 0 ? Fault::None : fault;  // a hang takes half a second
  });
  http::ClientSettings client;
  client.connections_max = kConnections;
  ServerTable through = open_on_server(proxy.endpoint(), settings_, client);

  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::future<Acknowledged>> running;
  for (int number = 0; number < kWorkers; ++number) {
    workers.push_back(std::make_unique<Worker>(*through.table, settings_.table, number));
    running.push_back(
        boost::asio::co_spawn(runner_.executor(), workers.back()->run(), boost::asio::use_future));
  }
  Acknowledged all;
  for (auto& one_worker : running) {
    const Acknowledged part = one_worker.get();
    for (std::size_t at = 0; at < kCounters; ++at) all.counts[at] += part.counts[at];
    all.created += part.created;
    all.unknown += part.unknown;
  }
  for (int number = 0; number < kCounters; ++number) {
    const auto item = run(server_.table->get(counter(number), call()));
    ASSERT_TRUE(item && *item);
    EXPECT_EQ((*item)->int64("count"), all.counts[static_cast<std::size_t>(number)]) << number;
  }
  table::Query query;
  query.pk = "created";
  std::int64_t created = 0;
  do {
    const auto page = run(server_.table->query(query, call()));
    ASSERT_TRUE(page);
    created += static_cast<std::int64_t>(page->items.size());
    query.cursor = page->next;
  } while (query.cursor);
  EXPECT_EQ(created, all.created);
  EXPECT_GT(all.unknown, 0) << "no fault was hard enough to be seen";
  RecordProperty("unknown_outcomes", all.unknown);
  RecordProperty("requests", proxy.requests());
  RecordProperty("connections", proxy.connections());
}

class ThroughAProxy : public OnServer {};

TEST_F(ThroughAProxy, TenThousandCallsOpenNoMoreConnectionsThanTheBound) {
  FaultProxy proxy(server_endpoint(), [](const SeenRequest&) { return Fault::None; });
  http::ClientSettings client;
  client.connections_max = kConnections;
  ServerTable through = open_on_server(proxy.endpoint(), settings_, client);
  const auto get_many = [](std::shared_ptr<DynamoDbTable> table) -> Task<int> {
    int good = 0;
    for (int at = 0; at < 500; ++at) {
      Key key{"p", "s"};
      Call how{{}, std::chrono::steady_clock::now() + std::chrono::seconds(60)};
      const auto got = co_await table->get(std::move(key), how);
      good += got ? 1 : 0;
    }
    co_return good;
  };
  std::vector<std::future<int>> running;
  for (int at = 0; at < 20; ++at) {
    running.push_back(
        boost::asio::co_spawn(runner_.executor(), get_many(through.table), boost::asio::use_future));
  }
  int good = 0;
  for (auto& one_worker : running) good += one_worker.get();
  EXPECT_EQ(good, 10'000);
  EXPECT_LE(proxy.connections(), static_cast<int>(kConnections));
}

}  // namespace loopstate::dynamodb
