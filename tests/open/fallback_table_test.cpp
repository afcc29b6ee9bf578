// The cluster and the table itself are one model here: an injected fault hits the first of two calls,
// which is the cluster's.
#include "open/dynamodb/fallback_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "port/model_table.hpp"
#include "port/runner.hpp"

namespace loopstate::engines {
namespace {

using table::ModelTable;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = ModelTable::Kind;

const table::Key kKey{"USER#1", "CONTEXT"};

table::Item item(std::int64_t version) {
  table::Item out;
  out.key = kKey;
  out.attributes.set("version", table::Value::number(version));
  return out;
}

table::Put put_new() {
  return {item(1), table::Condition::item_absent()};
}

std::vector<table::Operation> one_put() {
  return {put_new()};
}

}  // namespace

class FallbackTableTest : public testing::Test {
 protected:
  template <typename Answer>
  Answer run(Task<Answer> task) {
    return runner.run(std::move(task));
  }
  static table::Call call() {
    return {Timestamp{}, std::chrono::steady_clock::now() + std::chrono::seconds(20)};
  }
  log::Logger logger() {
    return log::Logger::to_sink({}, [this](log::Level, std::string_view line) { lines.emplace_back(line); });
  }

  std::vector<std::string> lines;
  std::shared_ptr<ModelTable> model = std::make_shared<ModelTable>();
  FallbackTable table{model, model, logger(), std::chrono::milliseconds(0)};
  table::Runner runner{1};
};

TEST_F(FallbackTableTest, ACallThatTheClusterAnswersStaysThere) {
  EXPECT_TRUE(run(table.put(put_new(), call()))->applied);
  EXPECT_EQ(run(table.get(kKey, call())).value(), item(1));
  EXPECT_EQ(model->calls(), 2u);
  EXPECT_EQ(table.fallbacks(), 0u);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(FallbackTableTest, AReadThatTheClusterFailsIsMadeOnTheTableItself) {
  model->place(item(1));
  model->fail_reads(1, ErrorCode::ConnectionFailed);
  EXPECT_EQ(run(table.get(kKey, call())).value(), item(1));
  model->fail_reads(1, ErrorCode::ConnectionFailed);
  EXPECT_EQ(run(table.batch_get({kKey}, call())).value().front().value(), item(1));
  model->fail_reads(1, ErrorCode::ConnectionFailed);
  table::Query query;
  query.pk = kKey.pk;
  EXPECT_THAT(run(table.query(query, call())).value().items, ElementsAre(item(1)));
  EXPECT_EQ(model->calls(), 6u);
  EXPECT_EQ(table.fallbacks(), 3u);
}

TEST_F(FallbackTableTest, AnErrorThatIsNotTheClustersStays) {
  model->fail_reads(1, ErrorCode::Throttled);
  EXPECT_EQ(run(table.get(kKey, call())).error().code, ErrorCode::Throttled);
  model->fail_writes(1, ErrorCode::AccessDenied);
  EXPECT_EQ(run(table.put(put_new(), call())).error().code, ErrorCode::AccessDenied);
  EXPECT_EQ(model->calls(), 3u) << "both, and one that asks for the time";
}

TEST_F(FallbackTableTest, AWriteThatTheClusterDidNotDoIsMadeOnTheTableItself) {
  model->fail_writes(1, ErrorCode::ConnectionFailed);
  EXPECT_TRUE(run(table.put(put_new(), call()))->applied);
  model->fail_writes(1, ErrorCode::ConnectionFailed);
  const auto again = run(table.put(put_new(), call()));
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->applied);
  EXPECT_FALSE(again->may_have_been_applied) << "nobody else sent it";
}

TEST_F(FallbackTableTest, ARefusalAfterAReplyWasLostSaysThatItMayHaveBeenApplied) {
  model->lose_replies(1);
  const auto outcome = run(table.put(put_new(), call()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->applied);
  EXPECT_TRUE(outcome->may_have_been_applied);
  EXPECT_EQ(outcome->item, item(1));
}

TEST_F(FallbackTableTest, AWriteWhoseReplyWasLostAndThatFailsThereTooIsUnknown) {
  for (const auto code :
       {ErrorCode::ConnectionFailed, ErrorCode::InvalidArgument, ErrorCode::DeadlineExceeded}) {
    model->lose_replies(1);
    model->before_next(Kind::Put, [&] { model->fail_writes(1, code); }, 1);
    const auto outcome = run(table.put(put_new(), call()));
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
    EXPECT_TRUE(outcome.error().retryable);
    model->drop(kKey);
  }
}

TEST_F(FallbackTableTest, ATransactionIsRepeatedUnderItsToken) {
  model->lose_replies(1);
  EXPECT_TRUE(run(table.transact(one_put(), "token", call()))->applied) << "the token says that it is done";
  ASSERT_EQ(model->log().size(), 2u);
  EXPECT_EQ(model->log()[0].token, "token");
  EXPECT_EQ(model->log()[1].token, "token");
  EXPECT_FALSE(model->log()[0].maybe_done_since);
  EXPECT_TRUE(model->log()[1].maybe_done_since) << "the token's age begins at the cluster";
}

TEST_F(FallbackTableTest, ATransactionWhoseReplyWasLostAndThatIsRefusedThereIsUnknown) {
  model->lose_replies(1);
  // What the service answers if it does not recognise the two as one.
  model->before_next(Kind::Transact, [&] { model->fail_writes(1, ErrorCode::InvalidArgument); }, 1);
  EXPECT_EQ(run(table.transact(one_put(), "token", call())).error().code, ErrorCode::OutcomeUnknown);
}

TEST_F(FallbackTableTest, ATransactionThatTheClusterDidNotDoMayBeRefused) {
  model->place(item(1));
  model->fail_writes(1, ErrorCode::ConnectionFailed);
  const auto outcome = run(table.transact(one_put(), "token", call()));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->applied);
  EXPECT_EQ(outcome->refusals.at(0).item, item(1));
  EXPECT_FALSE(model->log()[1].maybe_done_since);
}

TEST_F(FallbackTableTest, ABatchIsPutAgain) {
  model->lose_replies(1);
  EXPECT_TRUE(run(table.batch_put({item(1)}, call())).has_value());
  model->lose_replies(1);
  model->before_next(Kind::BatchPut, [&] { model->fail_writes(1, ErrorCode::Throttled); }, 1);
  EXPECT_EQ(run(table.batch_put({item(2)}, call())).error().code, ErrorCode::OutcomeUnknown);
}

TEST_F(FallbackTableTest, AScanNeverGoesThroughTheCluster) {
  const auto cluster = std::make_shared<ModelTable>();
  FallbackTable apart(cluster, model, log::Logger());
  model->place(item(1));
  EXPECT_THAT(run(apart.scan({}, call())).value().items, ElementsAre(item(1)));
  EXPECT_TRUE(run(apart.initialise(call())).has_value());
  EXPECT_EQ(cluster->calls(), 0u);
}

TEST_F(FallbackTableTest, TheLogSaysOnceThatTheClusterIsAwayAndOnceThatItIsBack) {
  model->place(item(1));
  for (int i = 0; i < 3; ++i) {
    model->fail_reads(1, ErrorCode::ConnectionFailed);
    EXPECT_TRUE(run(table.get(kKey, call())).has_value());
  }
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cluster is down")));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run(table.get(kKey, call())).has_value());
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cluster is down"), HasSubstr("cluster is back")));
}

TEST_F(FallbackTableTest, TheLogIsNotFilledByAClusterThatAnswersReadsAndNotWrites) {
  FallbackTable half(model, model, logger());
  for (int i = 0; i < 5; ++i) {
    model->fail_writes(1, ErrorCode::ConnectionFailed);
    EXPECT_TRUE(run(half.put({item(i), {}}, call())).has_value());
    EXPECT_TRUE(run(half.get(kKey, call())).has_value());
  }
  EXPECT_EQ(half.fallbacks(), 5u);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cluster is down")));
}

TEST_F(FallbackTableTest, ARefusalThatIsNotTheClocksStaysAndTheTimeIsAskedForOnce) {
  for (int round = 0; round < 3; ++round) {
    model->fail_reads(1, ErrorCode::AccessDenied);
    EXPECT_EQ(run(table.get(kKey, call())).error().code, ErrorCode::AccessDenied);
  }
  EXPECT_EQ(model->calls(), 4u);
}

TEST_F(FallbackTableTest, TheClustersCallEndsInTimeForTheTables) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  class Noting : public ModelTable {
   public:
    Task<Result<std::optional<table::Item>>> get(table::Key key, table::Call call) override {
      deadlines.push_back(call.deadline);
      return ModelTable::get(std::move(key), call);
    }
    std::vector<Deadline> deadlines;
  };
  const auto noting = std::make_shared<Noting>();
  FallbackTable limited(noting, noting, log::Logger());
  noting->fail_reads(1, ErrorCode::ConnectionFailed);
  EXPECT_TRUE(run(limited.get(kKey, {Timestamp{}, until})).has_value());
  ASSERT_EQ(noting->deadlines.size(), 2u);
  EXPECT_LT(noting->deadlines[0], until);
  EXPECT_EQ(noting->deadlines[1], until);
}

}  // namespace loopstate::engines
