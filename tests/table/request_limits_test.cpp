#include "table/limits.hpp"

namespace loopstate::table {
namespace {

bool refused(const Result<void>& result) {
  return !result && result.error().code == ErrorCode::InvalidArgument;
}

Put put_of(std::string sk, std::string value = "x") {
  return {{{"p", std::move(sk)}, {{"v", std::move(value)}}}, {}};
}

std::vector<Operation> puts(int count) {
  std::vector<Operation> operations;
  for (int i = 0; i < count; ++i) operations.emplace_back(put_of(std::to_string(i)));
  return operations;
}

TEST(ConditionLimits, OrderingComparisonsTakeWhatHasAnOrder) {
  using enum Comparison;
  EXPECT_TRUE(check_condition(Condition::compare("a", Less, "x")));
  EXPECT_TRUE(check_condition(Condition::compare("a", Less, Binary{"x"})));
  EXPECT_TRUE(check_condition(Condition::compare("a", Equal, Value::boolean(true))));
  EXPECT_TRUE(refused(check_condition(Condition::compare("a", Less, Value::boolean(true)))));
  EXPECT_TRUE(refused(check_condition(Condition::compare("a", Greater, Null{}))));
  EXPECT_TRUE(refused(check_condition(Condition::compare("a", Greater, StringSet{{"x"}}))));
}

TEST(ConditionLimits, PathsHaveNamesAndDoNotLeadIntoTheKey) {
  EXPECT_TRUE(refused(check_condition(Condition::exists(""))));
  EXPECT_TRUE(refused(check_condition(Condition::exists(std::string(256, 'x')))));
  EXPECT_TRUE(refused(check_condition(Condition::exists(Path("a").member("")))));
  EXPECT_TRUE(refused(check_condition(Condition::exists(Path("pk").member("x")))));
}

TEST(ConditionLimits, ValuesAreWhatAnItemCouldHold) {
  EXPECT_TRUE(refused(check_condition(Condition::equals("a", StringSet{}))));
  EXPECT_TRUE(refused(check_condition(Condition::negate(Condition::equals("a", Number{"1.0"})))));
}

TEST(ConditionLimits, ATreeHasABound) {
  std::vector<Condition> many(299, Condition::exists("a"));
  EXPECT_TRUE(check_condition(Condition::all_of(many)));
  many.push_back(Condition::exists("a"));
  EXPECT_TRUE(refused(check_condition(Condition::all_of(many))));
  Condition deep = Condition::exists("a");
  for (int i = 0; i < 40; ++i) deep = Condition::negate(std::move(deep));
  EXPECT_TRUE(refused(check_condition(deep)));
}

TEST(OperationLimits, EachPartIsChecked) {
  EXPECT_TRUE(check_operation(put_of("s")));
  EXPECT_TRUE(refused(check_operation(Erase{{"", "s"}, {}})));
  EXPECT_TRUE(refused(check_operation(Erase{{"p", "s"}, Condition::exists("")})));
  EXPECT_TRUE(refused(check_operation(UpdateItem{{"p", "s"}, {}, {}})));
  EXPECT_TRUE(refused(check_operation(UpdateItem{{"p", "s"}, {Change::set("a", StringSet{})}, {}})));
  EXPECT_TRUE(refused(check_operation(UpdateItem{{"p", "s"}, {Change::set("", "x")}, {}})));
  EXPECT_TRUE(check_operation(UpdateItem{{"p", "s"}, {Change::remove("a")}, {}}));
  EXPECT_EQ(check_operation(put_of("s", std::string(409'600, 'x'))).error().code, ErrorCode::ItemTooLarge);
}

TEST(TransactionLimits, HasOneToAHundredOperations) {
  EXPECT_TRUE(refused(check_transaction({}, "t")));
  EXPECT_TRUE(check_transaction(puts(100), "t"));
  EXPECT_TRUE(refused(check_transaction(puts(101), "t")));
}

TEST(TransactionLimits, ATokenHas1To36Bytes) {
  EXPECT_TRUE(refused(check_transaction(puts(1), "")));
  EXPECT_TRUE(check_transaction(puts(1), std::string(36, 't')));
  EXPECT_TRUE(refused(check_transaction(puts(1), std::string(37, 't'))));
}

TEST(TransactionLimits, NamesEachItemOnce) {
  const auto twice = check_transaction({put_of("s"), Check{{"p", "s"}, Condition::item_exists()}}, "t");
  EXPECT_TRUE(refused(twice));
  EXPECT_THAT(twice.error().message, testing::HasSubstr("p s is named twice"));
}

TEST(TransactionLimits, HasAtMost4Megabytes) {
  const std::string full(400'000, 'x');
  std::vector<Operation> operations;
  for (int i = 0; i < 10; ++i) operations.emplace_back(put_of(std::to_string(i), full));
  EXPECT_TRUE(check_transaction(operations, "t"));
  operations.emplace_back(put_of("more", full));
  EXPECT_TRUE(refused(check_transaction(operations, "t")));
}

TEST(QueryLimits, ARangeHasAPrefixOrEndsInOrder) {
  EXPECT_TRUE(check_query({"p", {}, false, 0, {}}));
  EXPECT_TRUE(check_query({"p", {"a", "a", {}}, false, 0, {}}));
  EXPECT_TRUE(refused(check_query({"p", {"b", "a", {}}, false, 0, {}})));
  EXPECT_TRUE(refused(check_query({"p", {"a", {}, "a"}, false, 0, {}})));
  EXPECT_TRUE(refused(check_query({"p", {{}, {}, ""}, false, 0, {}})));
  EXPECT_TRUE(refused(check_query({"p", {"", {}, {}}, false, 0, {}})));
  EXPECT_TRUE(refused(check_query({"", {}, false, 0, {}})));
}

TEST(ScanLimits, ASegmentIsOneOfTheSegments) {
  EXPECT_TRUE(check_scan({0, {}, 0, 1}));
  EXPECT_TRUE(check_scan({0, {}, 3, 4}));
  EXPECT_TRUE(refused(check_scan({0, {}, 4, 4})));
  EXPECT_TRUE(refused(check_scan({0, {}, 0, 0})));
  EXPECT_TRUE(refused(check_scan({0, {}, 0, 1'000'001})));
}

TEST(BatchLimits, HaveBoundsAndDifferentKeys) {
  EXPECT_TRUE(refused(check_batch(std::vector<Key>{})));
  EXPECT_TRUE(refused(check_batch(std::vector<Key>{{"p", "s"}, {"p", "s"}})));
  EXPECT_TRUE(refused(check_batch(std::vector<Key>{{"p", ""}})));
  std::vector<Key> keys;
  for (int i = 0; i < 100; ++i) keys.push_back({"p", std::to_string(i)});
  EXPECT_TRUE(check_batch(keys));
  keys.push_back({"q", "s"});
  EXPECT_TRUE(refused(check_batch(keys)));
  std::vector<Item> items;
  for (int i = 0; i < 25; ++i) items.push_back({{"p", std::to_string(i)}, {}});
  EXPECT_TRUE(check_batch(items));
  items.push_back({{"q", "s"}, {}});
  EXPECT_TRUE(refused(check_batch(items)));
  EXPECT_TRUE(refused(check_batch(std::vector<Item>{{{"p", "s"}, {}}, {{"p", "s"}, {}}})));
}

}  // namespace
}  // namespace loopstate::table
