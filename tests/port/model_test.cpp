// What the model can do beyond the port; the conformance suite tests that it keeps the port's promises.
#include "port/model_table.hpp"

#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::table {
namespace {

using Kind = ModelTable::Kind;

class Model : public testing::Test {
 protected:
  Runner runner_;
  ModelTable table_;

  Result<WriteOutcome> put(std::string sk) {
    Put put{{{"p", std::move(sk)}, {}}, {}};
    return runner_.run(table_.put(std::move(put), Call{}));
  }
};

TEST_F(Model, LosesRepliesOfWritesThatItMakes) {
  table_.lose_replies(1);
  EXPECT_EQ(put("a").error().code, ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(table_.peek({"p", "a"}));
  EXPECT_TRUE(put("b"));
}

TEST_F(Model, FailsWritesWithoutMakingThem) {
  table_.fail_writes(1);
  EXPECT_EQ(put("a").error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(table_.peek({"p", "a"}));
  EXPECT_TRUE(put("a"));
}

TEST_F(Model, FailsReads) {
  table_.fail_reads(1);
  EXPECT_TRUE(put("a"));
  EXPECT_FALSE(runner_.run(table_.get({"p", "a"}, Call{})));
  EXPECT_TRUE(runner_.run(table_.get({"p", "a"}, Call{})));
}

TEST_F(Model, LetsATestComeInBeforeACall) {
  table_.before_next(Kind::Put, [&] { table_.place({{"p", "b"}, {{"by", "somebody else"}}}); }, 1);
  EXPECT_FALSE(put("a")->item);
  EXPECT_EQ(*put("b")->item->string("by"), "somebody else");
  EXPECT_FALSE(put("c")->item);
}

TEST_F(Model, CountsCalls) {
  (void)put("a");
  (void)put("b");
  (void)runner_.run(table_.get({"p", "a"}, Call{}));
  EXPECT_EQ(table_.calls(), 3u);
  EXPECT_EQ(table_.calls(Kind::Put), 2u);
  EXPECT_EQ(table_.log().front().keys.front(), (Key{"p", "a"}));
  table_.clear_log();
  EXPECT_EQ(table_.calls(), 0u);
}

TEST_F(Model, KeepsExpiredItemsUntilTheyAreSwept) {
  table_.place({{"p", "a"}, {{"ttl", Value::number(std::int64_t{10})}}});
  EXPECT_FALSE(*runner_.run(table_.get({"p", "a"}, Call{from_unix_seconds(10)})));
  EXPECT_TRUE(table_.peek({"p", "a"}));
  EXPECT_EQ(table_.sweep(from_unix_seconds(9)), 0u);
  EXPECT_EQ(table_.sweep(from_unix_seconds(10)), 1u);
  EXPECT_FALSE(table_.peek({"p", "a"}));
}

TEST_F(Model, MakesPagesShortAndEmptyOnRequest) {
  table_.place({{"p", "a"}, {{"ttl", Value::number(std::int64_t{10})}}});
  table_.place({{"p", "b"}, {}});
  table_.limit_pages(1);
  Query query{"p", {}, false, 0, {}};
  const auto first = runner_.run(table_.query(query, Call{from_unix_seconds(10)}));
  EXPECT_TRUE(first->items.empty());
  query.cursor = first->next;
  const auto second = runner_.run(table_.query(query, Call{from_unix_seconds(10)}));
  EXPECT_EQ(second->items.size(), 1u);
  EXPECT_FALSE(second->next);
}

}  // namespace
}  // namespace loopstate::table
