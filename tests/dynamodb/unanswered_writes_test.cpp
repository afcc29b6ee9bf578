// What the table port says about writes whose replies were lost, on a sender that answers from a list.
#include <gtest/gtest.h>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/listed_sender.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

using table::Item;

class UnansweredWrites : public testing::Test {
 protected:
  static TableSettings settings() {
    TableSettings out;
    out.table = "cards";
    out.caller.random = [] { return 0.0; };  // nothing is waited for
    return out;
  }
  static table::Call call() {
    return {from_unix_seconds(1'000'000), std::chrono::steady_clock::now() + std::chrono::seconds(20)};
  }
  void plan(std::deque<http::ClientOutcome> answers) { sender->answers = std::move(answers); }
  void plan_throttles_after(http::ClientOutcome first) {
    sender->answers.clear();
    sender->answers.push_back(std::move(first));
    for (int at = 0; at < 8; ++at) sender->answers.emplace_back(service_error("ThrottlingException"));
  }
  static Item item(const std::string& sk) { return Item{{"p", sk}, {}}; }
  ErrorCode batch_put_code() {
    std::vector<Item> items = {item("a"), item("b")};
    const auto put = runner.run(table->batch_put(std::move(items), call()));
    return put ? ErrorCode::Internal : put.error().code;
  }

  std::shared_ptr<ListedSender> sender = std::make_shared<ListedSender>();
  std::shared_ptr<DynamoDbTable> table = DynamoDbTable::create(settings(), sender).value();
  table::Runner runner{1};
};

TEST_F(UnansweredWrites, AnUnconditionalPutIsDoneOrUnknown) {
  plan({lost(true), reply(200, "{}")});
  EXPECT_TRUE(runner.run(table->put({item("a"), {}}, call()))->applied);
  plan_throttles_after(lost(true));
  EXPECT_EQ(runner.run(table->put({item("a"), {}}, call())).error().code, ErrorCode::OutcomeUnknown);
}

TEST_F(UnansweredWrites, ATransactionIsDoneRefusedOrUnknown) {
  const auto transact = [this] {
    std::vector<table::Operation> operations;
    operations.emplace_back(table::Put{item("a"), table::Condition::item_absent()});
    return runner.run(table->transact(std::move(operations), "token", call()));
  };
  plan({lost(true), service_error("TransactionInProgressException"), reply(200, "{}")});
  EXPECT_TRUE(transact()->applied);
  plan({lost(true), reply(400, R"({"__type":"x#TransactionCanceledException",)"
                               R"("CancellationReasons":[{"Code":"ConditionalCheckFailed"}]})")});
  EXPECT_TRUE(transact()->refusals.at(0).refused);
  plan_throttles_after(lost(true));
  EXPECT_EQ(transact().error().code, ErrorCode::OutcomeUnknown);
  plan_throttles_after(service_error("TransactionInProgressException"));
  EXPECT_EQ(transact().error().code, ErrorCode::OutcomeUnknown);
}

TEST_F(UnansweredWrites, ATransactionThatMayHaveBeenDoneElsewhereLongAgoIsNotSent) {
  table::Call late = call();
  late.maybe_done_since = Instant::now();
  late.maybe_done_since->since_boot -= 15min;
  std::vector<table::Operation> operations;
  operations.emplace_back(table::Put{item("a"), {}});
  plan({reply(200, "{}")});
  EXPECT_EQ(runner.run(table->transact(std::move(operations), "token", late)).error().code,
            ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(sender->attempts.empty());
}

TEST_F(UnansweredWrites, ABatchOfWhichAPartWasWrittenIsUnknownAsAWhole) {
  const auto half = reply(200, R"({"UnprocessedItems":{"cards":[{"PutRequest":{"Item":)"
                               R"({"pk":{"S":"p"},"sk":{"S":"b"}}}}]}})");
  plan_throttles_after(half);
  EXPECT_EQ(batch_put_code(), ErrorCode::OutcomeUnknown);
  plan_throttles_after(lost(true));
  EXPECT_EQ(batch_put_code(), ErrorCode::OutcomeUnknown);
  plan_throttles_after(service_error("ThrottlingException"));
  EXPECT_EQ(batch_put_code(), ErrorCode::Throttled);
}

TEST_F(UnansweredWrites, ABatchWhoseReplyCannotBeReadMayBeThere) {
  plan({reply(200, R"({"UnprocessedItems":{"cards":7}})")});
  EXPECT_EQ(batch_put_code(), ErrorCode::OutcomeUnknown);
}

}  // namespace loopstate::dynamodb
