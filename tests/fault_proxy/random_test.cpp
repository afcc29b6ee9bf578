// Thousands of operations under random faults: the table ends exactly where the acknowledged calls say.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <random>

#include "dynamodb/on_server.hpp"
#include "fault_proxy/fault_proxy.hpp"
#include "port/counting_callers.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Key;

namespace {

constexpr std::size_t kConnections = 8;

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
  table::CountingCallers callers(settings_.table, {});
  callers.prepare(runner_, *server_.table);

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

  const int unknown = callers.count(runner_, *through.table);
  callers.verify(runner_, *server_.table);
  EXPECT_GT(unknown, 0) << "no fault was hard enough to be seen";
  RecordProperty("unknown_outcomes", unknown);
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
