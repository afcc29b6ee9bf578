// What each read asks of the service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/listed_sender.hpp"
#include "port/runner.hpp"

namespace loopstate::dynamodb {

using ::testing::HasSubstr;

class ConsistencyTest : public ::testing::Test {
 protected:
  /// The body of the one request that each kind of read sends.
  std::vector<std::string> bodies(table::Consistency consistency) {
    sender->attempts.clear();
    sender->answers = {reply(200, "{}"), reply(200, R"({"Responses":{"table":[]},"UnprocessedKeys":{}})"),
                       reply(200, R"({"Items":[]})"), reply(200, R"({"Items":[]})")};
    const table::Call call{{}, std::chrono::steady_clock::now() + std::chrono::seconds(20), consistency};
    const table::Key key{"USER#1", "CONTEXT"};
    table::Query query;
    query.pk = key.pk;
    EXPECT_TRUE(runner.run(table->get(key, call)));
    EXPECT_TRUE(runner.run(table->batch_get({key}, call)));
    EXPECT_TRUE(runner.run(table->query(query, call)));
    EXPECT_TRUE(runner.run(table->scan({}, call)));
    std::vector<std::string> out;
    for (const auto& attempt : sender->attempts) out.push_back(attempt.body);
    return out;
  }

  static TableSettings named() {
    TableSettings settings;
    settings.table = "table";
    return settings;
  }

  std::shared_ptr<ListedSender> sender = std::make_shared<ListedSender>();
  std::shared_ptr<DynamoDbTable> table = DynamoDbTable::create(named(), sender).value();
  table::Runner runner{1};
};

TEST_F(ConsistencyTest, ReadsAreStronglyConsistent) {
  EXPECT_THAT(bodies(table::Consistency::Strong),
              ::testing::AllOf(::testing::SizeIs(4), ::testing::Each(HasSubstr(R"("ConsistentRead":true)"))));
}

TEST_F(ConsistencyTest, ReadsThatMayBeStaleAreEventuallyConsistent) {
  EXPECT_THAT(
      bodies(table::Consistency::MayBeStale),
      ::testing::AllOf(::testing::SizeIs(4), ::testing::Each(HasSubstr(R"("ConsistentRead":false)"))));
}

}  // namespace loopstate::dynamodb
