// Transactions: all or nothing, refusals in order, tokens.
#include "port/conformance.hpp"

namespace loopstate::table {
namespace {

Key key(int i) {
  return {"p" + std::to_string(i % 3), "s" + std::to_string(i)};
}
Put put_of(int i, std::int64_t value) {
  return {{key(i), {{"v", n(value)}}}, {}};
}

TEST_P(PortConformance, ATransactionDoesAllOfItsOperations) {
  ASSERT_TRUE(put({key(1), {{"v", n(1)}}}));
  ASSERT_TRUE(put({key(2), {{"v", n(2)}}}));
  ASSERT_TRUE(put({key(3), {{"v", n(3)}}}));
  const auto outcome =
      transact({put_of(0, 10), UpdateItem{key(1), {Change::add("v", n(10))}, Condition::equals("v", n(1))},
                Erase{key(2), Condition::equals("v", n(2))}, Check{key(3), Condition::equals("v", n(3))}});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->applied);
  EXPECT_TRUE(outcome->refusals.empty());
  EXPECT_EQ(stored(key(0)).int64("v"), 10);
  EXPECT_EQ(stored(key(1)).int64("v"), 11);
  EXPECT_FALSE(*get(key(2)));
  EXPECT_EQ(stored(key(3)).int64("v"), 3);
}

TEST_P(PortConformance, ATransactionMayHaveAHundredOperations) {
  std::vector<Operation> operations;
  for (int i = 0; i < 100; ++i) operations.emplace_back(put_of(i, i));
  const auto outcome = transact(operations);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->applied);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stored(key(i)).int64("v"), i);
}

TEST_P(PortConformance, OneRefusalOfAHundredStopsThemAll) {
  const Item there{key(77), {{"v", n(-1)}}};
  ASSERT_TRUE(put(there));
  std::vector<Operation> operations;
  for (int i = 0; i < 100; ++i) operations.emplace_back(put_of(i, i));
  std::get<Put>(operations[77]).condition = Condition::item_absent();
  const auto outcome = transact(operations);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->applied);
  ASSERT_EQ(outcome->refusals.size(), 100u);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(outcome->refusals[i].refused, i == 77) << i;
    EXPECT_EQ(outcome->refusals[i].item.has_value(), i == 77) << i;
  }
  EXPECT_EQ(outcome->refusals[77].item, there);
  EXPECT_EQ(scan_all({}), std::vector<Item>{there});
}

TEST_P(PortConformance, RefusalsStandInTheOrderOfTheOperations) {
  const Item one{key(1), {{"v", n(1)}}};
  const Item two{key(2), {{"v", n(2)}}};
  ASSERT_TRUE(put(one));
  ASSERT_TRUE(put(two));
  const auto wrong = Condition::equals("v", n(99));
  const auto outcome = transact({Check{key(2), wrong}, Check{key(1), Condition::item_exists()},
                                 Erase{key(1 + 3), wrong}, UpdateItem{key(5), {Change::set("v", n(1))}, {}},
                                 UpdateItem{key(8), {Change::set("v", n(1))}, Condition::item_absent()}});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->applied);
  ASSERT_EQ(outcome->refusals.size(), 5u);
  EXPECT_TRUE(outcome->refusals[0].refused);
  EXPECT_EQ(outcome->refusals[0].item, two);
  EXPECT_FALSE(outcome->refusals[1].refused);
  EXPECT_FALSE(outcome->refusals[1].item);
  for (std::size_t i = 2; i < 5; ++i) {
    EXPECT_TRUE(outcome->refusals[i].refused) << i;
    EXPECT_FALSE(outcome->refusals[i].item) << i;
  }
}

TEST_P(PortConformance, EveryKindOfOperationBringsTheItemThatRefusedIt) {
  const auto wrong = Condition::equals("v", n(99));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(put({key(i), {{"v", n(i)}}}));
  Put refused_put = put_of(0, 9);
  refused_put.condition = wrong;
  const auto outcome = transact({refused_put, UpdateItem{key(1), {Change::set("v", n(9))}, wrong},
                                 Erase{key(2), wrong}, Check{key(3), wrong}});
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_EQ(outcome->refusals.size(), 4u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(outcome->refusals[static_cast<std::size_t>(i)].refused) << i;
    EXPECT_EQ(outcome->refusals[static_cast<std::size_t>(i)].item, (Item{key(i), {{"v", n(i)}}})) << i;
    EXPECT_EQ(stored(key(i)).int64("v"), i);
  }
}

TEST_P(PortConformance, ATransactionNamesAnItemOnce) {
  EXPECT_EQ(code_of(transact({put_of(1, 1), put_of(1, 2)})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(transact({put_of(1, 1), Check{key(1), Condition::item_absent()}})),
            ErrorCode::InvalidArgument);
  EXPECT_FALSE(*get(key(1)));
}

TEST_P(PortConformance, ATransactionHasBounds) {
  EXPECT_EQ(code_of(transact({})), ErrorCode::InvalidArgument);
  std::vector<Operation> operations;
  for (int i = 0; i < 101; ++i) operations.emplace_back(put_of(i, i));
  EXPECT_EQ(code_of(transact(operations)), ErrorCode::InvalidArgument);
  operations.resize(1);
  EXPECT_EQ(code_of(transact(operations, "")), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(transact(operations, std::string(37, 't'))), ErrorCode::InvalidArgument);
  EXPECT_TRUE(scan_all({}).empty());
}

TEST_P(PortConformance, ATransactionHasAtMost4MegabytesOfItems) {
  std::vector<Operation> operations;
  for (int i = 0; i < 10; ++i) {
    operations.emplace_back(Put{{{"p", "s" + std::to_string(i)}, {{"v", std::string(409'000, 'x')}}}, {}});
  }
  EXPECT_TRUE(transact(operations));
  operations.emplace_back(Put{{{"p", "more"}, {{"v", std::string(409'000, 'x')}}}, {}});
  EXPECT_EQ(code_of(transact(operations)), ErrorCode::InvalidArgument);
  EXPECT_FALSE(*get({"p", "more"}));
}

TEST_P(PortConformance, ARepeatUnderTheSameTokenDoesNothingAndIsApplied) {
  ASSERT_TRUE(put({key(1), {{"v", n(0)}}}));
  const auto token = fresh_token();
  const std::vector<Operation> operations{
      UpdateItem{key(1), {Change::add("v", n(1))}, Condition::equals("v", n(0))}, put_of(2, 5)};
  for (int i = 0; i < 3; ++i) {
    const auto outcome = transact(operations, token);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->applied);
  }
  EXPECT_EQ(stored(key(1)).int64("v"), 1);
}

TEST_P(PortConformance, ARepeatDoesNotUndoWhatCameAfter) {
  const auto token = fresh_token();
  ASSERT_TRUE(transact({put_of(1, 1)}, token));
  ASSERT_TRUE(put({key(1), {{"v", n(2)}}}));
  const auto again = transact({put_of(1, 1)}, token);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->applied);
  EXPECT_EQ(stored(key(1)).int64("v"), 2);
}

TEST_P(PortConformance, OtherOperationsUnderTheSameTokenAreRefused) {
  const auto token = fresh_token();
  ASSERT_TRUE(transact({put_of(1, 1)}, token));
  EXPECT_EQ(code_of(transact({put_of(1, 2)}, token)), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(transact({put_of(1, 1), put_of(2, 1)}, token)), ErrorCode::InvalidArgument);
  Put conditional = put_of(1, 1);
  conditional.condition = Condition::item_exists();
  EXPECT_EQ(code_of(transact({conditional}, token)), ErrorCode::InvalidArgument);
  EXPECT_EQ(stored(key(1)).int64("v"), 1);
  EXPECT_FALSE(*get(key(2)));
}

TEST_P(PortConformance, ARefusedTransactionMayBeTriedAgainUnderItsToken) {
  const auto token = fresh_token();
  Put put = put_of(1, 1);
  put.condition = Condition::item_absent();
  ASSERT_TRUE(this->put({key(1), {}}));
  const auto refused = transact({put}, token);
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->applied);
  ASSERT_TRUE(erase(key(1)));
  const auto again = transact({put}, token);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->applied);
  EXPECT_EQ(stored(key(1)).int64("v"), 1);
}

TEST_P(PortConformance, TransactionsUnderTwoTokensAreTwo) {
  ASSERT_TRUE(put({key(1), {{"v", n(0)}}}));
  const std::vector<Operation> operations{UpdateItem{key(1), {Change::add("v", n(1))}, {}}};
  ASSERT_TRUE(transact(operations));
  ASSERT_TRUE(transact(operations));
  EXPECT_EQ(stored(key(1)).int64("v"), 2);
}

}  // namespace
}  // namespace loopstate::table
