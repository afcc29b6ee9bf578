// A store's table behind a cluster that goes away and comes back.
#include "dax/cancellable.hpp"
#include "dax/cluster_fixture.hpp"
#include "open/dynamodb/fallback_table.hpp"
#include "port/model_table.hpp"
#include "table/service_time.hpp"

namespace loopstate::dax {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FallbackOnCluster : public ClusterFixture {
 protected:
  void start_behind(int nodes = 1) {
    start(nodes);
    // Nothing waits: whatever is due is due with every call.
    options.times.list_lasts = options.times.list_pause = std::chrono::milliseconds(0);
    options.times.probe_pause = options.times.probe_pause_max = std::chrono::milliseconds(0);
    behind = std::make_unique<engines::FallbackTable>(
        open_on_cluster(options), open_service(options.table),
        log::Logger::to_sink({}, [this](log::Level, std::string_view line) { lines.emplace_back(line); }),
        std::chrono::milliseconds(0));
  }
  void away() { cluster->tell("away", R"("node":0,"listed":true)"); }
  void back() { cluster->tell("back", R"("node":0)"); }

  std::vector<std::string> lines;
  std::unique_ptr<engines::FallbackTable> behind;
};

TEST_F(FallbackOnCluster, CallsGoOnWhileTheClusterIsAwayAndComeBackByThemselves) {
  start_behind();
  EXPECT_TRUE(applied(behind->put(put("a"), call())));
  away();
  EXPECT_EQ(run(behind->get(kKey, call())).value(), item("a"));
  EXPECT_TRUE(applied(behind->put(put("b"), call())));
  EXPECT_EQ(run(behind->get(kKey, call())).value(), item("b"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is down")));
  back();
  cluster->reset_counts();
  while (calls("getItem") == 0) EXPECT_EQ(run(behind->get(kKey, call())).value(), item("b"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is down"), HasSubstr("is back")));
}

TEST_F(FallbackOnCluster, AClusterThatWasNeverThereIsNotMissed) {
  start_behind();
  away();
  EXPECT_TRUE(applied(behind->put(put_new("a"), call())));
  EXPECT_EQ(run(behind->get(kKey, call())).value(), item("a"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is down")));
}

TEST_F(FallbackOnCluster, AWriteThatTheClusterDidBeforeItWentIsFoundAgain) {
  start_behind();
  ASSERT_TRUE(run(behind->warm_up(call().deadline)).has_value());
  cluster->fault("drop", R"("call":"putItem","after":true,"times":-1)");
  const auto outcome = run(behind->put(put_new("a"), call()));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_FALSE(outcome->applied);
  EXPECT_TRUE(outcome->may_have_been_applied);
  EXPECT_EQ(outcome->item, item("a"));
}

TEST_F(FallbackOnCluster, ACallThatHangsInTheClusterIsMadeWithinItsDeadline) {
  start_behind();
  EXPECT_TRUE(applied(behind->put(put("a"), call())));
  cluster->fault("hang", R"("times":-1)");
  EXPECT_EQ(run(behind->get(kKey, call(std::chrono::milliseconds(2'000)))).value(), item("a"));
}

TEST_F(FallbackOnCluster, AClusterThatRecoversIsDownUntilItAnswers) {
  start_behind();
  EXPECT_TRUE(applied(behind->put(put("a"), call())));
  cluster->fault("recovering", R"("times":-1)");
  EXPECT_EQ(run(behind->get(kKey, call())).value(), item("a"));
  EXPECT_TRUE(applied(behind->put(put("b"), call())));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is down")));
  cluster->tell("clear");
  EXPECT_EQ(run(behind->get(kKey, call())).value(), item("b"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is down"), HasSubstr("is back")));
}

TEST_F(FallbackOnCluster, ACancelledCallIsNotMadeOnTheTableItself) {
  start_behind();
  ASSERT_TRUE(run(behind->warm_up(call().deadline)).has_value());
  const int reading = cluster->fault("hang", R"("call":"getItem")");
  Cancellable<std::optional<table::Item>> read(runner.executor(), behind->get(kKey, call()));
  cluster->await_fault(reading);
  EXPECT_EQ(read.cancel().error().code, ErrorCode::Cancelled);
  const int writing = cluster->fault("hang", R"("call":"putItem")");
  Cancellable<table::WriteOutcome> write(runner.executor(), behind->put(put("a"), call()));
  cluster->await_fault(writing);
  EXPECT_EQ(write.cancel().error().code, ErrorCode::OutcomeUnknown);
  EXPECT_EQ(stored(), std::nullopt);
  const int paying = cluster->fault("hang", R"("call":"transactWriteItems")");
  Cancellable<table::TransactOutcome> pay(runner.executor(),
                                          behind->transact({put_new("a")}, options.table, call()));
  cluster->await_fault(paying);
  EXPECT_EQ(pay.cancel().error().code, ErrorCode::OutcomeUnknown);
  EXPECT_EQ(stored(), std::nullopt);
  EXPECT_THAT(lines, IsEmpty()) << "the cluster is not down";
}

/// The table itself, as of a machine whose clock is two hours ahead: the first reply shows it.
class SlowTime : public table::ModelTable {
 public:
  Task<Result<std::optional<table::Item>>> get(table::Key key, table::Call call) override {
    offset = -std::chrono::hours(2);
    return ModelTable::get(std::move(key), call);
  }
  std::chrono::seconds clock_offset() const noexcept override { return offset; }
  std::atomic<std::chrono::seconds> offset{std::chrono::seconds(0)};
};

TEST_F(FallbackOnCluster, AClockThatIsWrongIsSetByTheTablesOwnService) {
  class Ahead final : public Clock {
   public:
    Timestamp now() const override { return system_clock().now() + std::chrono::hours(2); }
  };
  start();
  place("a");
  static const Ahead ahead;
  const auto service = std::make_shared<SlowTime>();
  service->place(item("a"));
  options.clock =
      std::make_shared<table::ServiceTime>(std::vector<std::shared_ptr<table::Table>>{service}, ahead);
  engines::FallbackTable behind_clock(open_on_cluster(options), service, log::Logger());
  EXPECT_EQ(run(behind_clock.get(kKey, call())).value(), item("a")) << "from the table itself";
  EXPECT_EQ(calls("getItem"), 0u);
  while (calls("getItem") == 0) EXPECT_EQ(run(behind_clock.get(kKey, call())).value(), item("a"));
  EXPECT_EQ(behind_clock.fallbacks(), 0u) << "the cluster was never down";
}

TEST_F(FallbackOnCluster, AnEndpointThatIsNoClusterIsAnErrorAndNotPassedOver) {
  start_behind();
  cluster->fault("garbage", R"("call":"endpoints","times":-1)");
  options.endpoint = cluster->endpoint();
  engines::FallbackTable other(open_on_cluster(options), open_service(options.table), log::Logger());
  const auto answer = run(other.get(kKey, call()));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::ProtocolError);
  EXPECT_THAT(lines, IsEmpty());
}

}  // namespace loopstate::dax
