// Updates of every kind, alone and in transactions.
#include "port/conformance.hpp"
#include "table/number.hpp"

namespace loopstate::table {
namespace {

struct Case {
  std::string name;
  Attributes before;
  Update update;
  std::optional<Attributes> after;  // nothing: refused with InvalidArgument
};

List abc() {
  return {"a", "b", "c"};
}

std::vector<Case> set_and_remove_cases() {
  return {
      {"set new", {}, {Change::set("a", "x")}, Attributes{{"a", "x"}}},
      {"set over another type", {{"a", n(1)}}, {Change::set("a", List{})}, Attributes{{"a", List{}}}},
      {"set reserved word",
       {},
       {Change::set("size", n(1)), Change::set("user", n(2))},
       Attributes{{"size", n(1)}, {"user", n(2)}}},
      {"set odd names",
       {},
       {Change::set("a.b", n(1)), Change::set("c[0]", n(2)), Change::set("d-e", n(3))},
       Attributes{{"a.b", n(1)}, {"c[0]", n(2)}, {"d-e", n(3)}}},
      {"set member",
       {{"m", Map{{"k", n(1)}}}},
       {Change::set(Path("m").member("q.r"), n(2))},
       Attributes{{"m", Map{{"k", n(1)}, {"q.r", n(2)}}}}},
      {"set element",
       {{"l", abc()}},
       {Change::set(Path("l").at(1), n(2))},
       Attributes{{"l", List{"a", n(2), "c"}}}},
      {"set past the end",
       {{"l", abc()}},
       {Change::set(Path("l").at(9), "y"), Change::set(Path("l").at(7), "x")},
       Attributes{{"l", List{"a", "b", "c", "x", "y"}}}},
      {"set in a member's list",
       {{"m", Map{{"l", abc()}}}},
       {Change::set(Path("m").member("l").at(3), "d")},
       Attributes{{"m", Map{{"l", List{"a", "b", "c", "d"}}}}}},
      {"set two members",
       {{"m", Map{}}},
       {Change::set(Path("m").member("a"), n(1)), Change::set(Path("m").member("b"), n(2))},
       Attributes{{"m", Map{{"a", n(1)}, {"b", n(2)}}}}},
      {"set member of nothing", {}, {Change::set(Path("m").member("k"), n(1))}, {}},
      {"set member of text", {{"m", "x"}}, {Change::set(Path("m").member("k"), n(1))}, {}},
      {"set member of a list", {{"m", abc()}}, {Change::set(Path("m").member("k"), n(1))}, {}},
      {"set element of nothing", {}, {Change::set(Path("l").at(0), n(1))}, {}},
      {"set element of a map", {{"l", Map{}}}, {Change::set(Path("l").at(0), n(1))}, {}},
      {"set below the end", {{"l", abc()}}, {Change::set(Path("l").at(7).member("k"), n(1))}, {}},
      {"remove", {{"a", n(1)}, {"b", n(2)}}, {Change::remove("a")}, Attributes{{"b", n(2)}}},
      {"remove nothing", {{"b", n(2)}}, {Change::remove("a")}, Attributes{{"b", n(2)}}},
      {"remove member",
       {{"m", Map{{"k", n(1)}}}},
       {Change::remove(Path("m").member("k"))},
       Attributes{{"m", Map{}}}},
      {"remove no member", {{"m", Map{}}}, {Change::remove(Path("m").member("k"))}, Attributes{{"m", Map{}}}},
      {"remove element",
       {{"l", abc()}},
       {Change::remove(Path("l").at(1))},
       Attributes{{"l", List{"a", "c"}}}},
      {"remove two elements",
       {{"l", abc()}},
       {Change::remove(Path("l").at(0)), Change::remove(Path("l").at(1))},
       Attributes{{"l", List{"c"}}}},
      {"remove past the end", {{"l", abc()}}, {Change::remove(Path("l").at(3))}, Attributes{{"l", abc()}}},
      {"remove member of nothing", {}, {Change::remove(Path("m").member("k"))}, {}},
      {"remove member of text", {{"m", "x"}}, {Change::remove(Path("m").member("k"))}, {}},
      {"remove element of nothing", {}, {Change::remove(Path("l").at(0))}, {}},
      {"remove and set",
       {{"l", abc()}},
       {Change::remove(Path("l").at(0)), Change::set(Path("l").at(1), "x")},
       Attributes{{"l", List{"x", "c"}}}},
      {"remove and append",
       {{"l", abc()}},
       {Change::remove(Path("l").at(0)), Change::remove(Path("l").at(5)), Change::set(Path("l").at(9), "y"),
        Change::set(Path("l").at(8), "x")},
       Attributes{{"l", List{"b", "c", "x", "y"}}}},
      {"remove before a nested list",
       {{"l", List{"a", "b", List{"x"}}}},
       {Change::remove(Path("l").at(0)), Change::set(Path("l").at(2).at(5), "y")},
       Attributes{{"l", List{"b", List{"x", "y"}}}}},
  };
}

std::vector<Case> add_and_delete_cases() {
  return {
      {"add", {{"n", n(3)}}, {Change::add("n", n(-5))}, Attributes{{"n", n(-2)}}},
      {"add from zero", {}, {Change::add("n", n(2))}, Attributes{{"n", n(2)}}},
      {"add exactly",
       {{"n", Number{"0.1"}}},
       {Change::add("n", Number{"0.2"})},
       Attributes{{"n", Number{"0.3"}}}},
      {"add beyond 64 bits",
       {{"n", Value::number(UINT64_MAX)}},
       {Change::add("n", n(1))},
       Attributes{{"n", Number{"18446744073709551616"}}}},
      {"add beyond 38 digits", {{"n", *parse_number("1e38")}}, {Change::add("n", n(1))}, {}},
      {"add beyond the magnitude",
       {{"n", *parse_number("9e125")}},
       {Change::add("n", *parse_number("9e125"))},
       {}},
      {"add to text", {{"n", "3"}}, {Change::add("n", n(1))}, {}},
      {"add to null", {{"n", Null{}}}, {Change::add("n", n(1))}, {}},
      {"add elements",
       {{"s", StringSet{{"a", "b"}}}},
       {Change::add("s", StringSet{{"b", "c"}})},
       Attributes{{"s", StringSet{{"a", "b", "c"}}}}},
      {"add new set",
       {},
       {Change::add("s", NumberSet{{{"1"}, {"2"}}})},
       Attributes{{"s", NumberSet{{{"1"}, {"2"}}}}}},
      {"add binaries",
       {{"s", BinarySet{{{"a"}}}}},
       {Change::add("s", BinarySet{{{"b"}}})},
       Attributes{{"s", BinarySet{{{"a"}, {"b"}}}}}},
      {"add set to number", {{"s", n(1)}}, {Change::add("s", StringSet{{"a"}})}, {}},
      {"add number to set", {{"s", NumberSet{{{"1"}}}}}, {Change::add("s", n(1))}, {}},
      {"add other set", {{"s", NumberSet{{{"1"}}}}}, {Change::add("s", StringSet{{"1"}})}, {}},
      {"delete elements",
       {{"s", StringSet{{"a", "b"}}}},
       {Change::delete_elements("s", StringSet{{"a", "x"}})},
       Attributes{{"s", StringSet{{"b"}}}}},
      {"delete numbers",
       {{"s", NumberSet{{{"1"}, {"2"}}}}},
       {Change::delete_elements("s", NumberSet{{{"2"}}})},
       Attributes{{"s", NumberSet{{{"1"}}}}}},
      {"delete all elements",
       {{"s", StringSet{{"a"}}}},
       {Change::delete_elements("s", StringSet{{"a", "b"}})},
       Attributes{}},
      {"delete from nothing", {}, {Change::delete_elements("s", StringSet{{"a"}})}, Attributes{}},
      {"delete from other set",
       {{"s", NumberSet{{{"1"}}}}},
       {Change::delete_elements("s", StringSet{{"1"}})},
       {}},
      {"delete from list", {{"s", abc()}}, {Change::delete_elements("s", StringSet{{"a"}})}, {}},
      {"all four at once",
       {{"a", n(1)}, {"b", n(2)}, {"c", n(3)}, {"s", StringSet{{"x", "y"}}}},
       {Change::set("a", n(9)), Change::remove("b"), Change::add("c", n(1)),
        Change::delete_elements("s", StringSet{{"x"}})},
       Attributes{{"a", n(9)}, {"c", n(4)}, {"s", StringSet{{"y"}}}}},
  };
}

std::vector<Case> cases() {
  auto all = set_and_remove_cases();
  for (auto& one : add_and_delete_cases()) all.push_back(std::move(one));
  return all;
}

TEST_P(PortConformance, UpdatesChangeWhatTheyName) {
  for (const auto& one : cases()) {
    const Item before{kKey, one.before};
    ASSERT_TRUE(put(before));
    const auto outcome = update(kKey, one.update);
    if (one.after) {
      ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
      EXPECT_TRUE(outcome->applied) << one.name;
      EXPECT_EQ(outcome->item, (Item{kKey, *one.after})) << one.name;
      EXPECT_EQ(stored(kKey).attributes, *one.after) << one.name;
    } else {
      EXPECT_EQ(code_of(outcome), ErrorCode::InvalidArgument) << one.name;
      EXPECT_EQ(stored(kKey), before) << one.name;
    }
  }
}

TEST_P(PortConformance, UpdatesInTransactionsChangeWhatTheyName) {
  const Key other{"p", "other"};
  for (const auto& one : cases()) {
    const Item before{kKey, one.before};
    ASSERT_TRUE(put(before));
    ASSERT_TRUE(erase(other));
    const auto outcome = transact({Put{{other, {}}, {}}, UpdateItem{kKey, one.update, {}}});
    if (one.after) {
      ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
      EXPECT_TRUE(outcome->applied) << one.name;
      EXPECT_EQ(stored(kKey).attributes, *one.after) << one.name;
    } else {
      EXPECT_EQ(code_of(outcome), ErrorCode::InvalidArgument) << one.name;
      EXPECT_EQ(stored(kKey), before) << one.name;
      EXPECT_FALSE(*get(other)) << one.name;
    }
  }
}

TEST_P(PortConformance, AnUpdateThatDoesNotFitIsRefusedOnlyWhereItsConditionHolds) {
  ASSERT_TRUE(put({kKey, {{"a", "text"}}}));
  const auto refused = update(kKey, {Change::add("a", n(1))}, Condition::exists("b"));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->applied);
  const auto misfit = update(kKey, {Change::add("a", n(1))}, Condition::exists("a"));
  EXPECT_EQ(code_of(misfit), ErrorCode::InvalidArgument);
}

TEST_P(PortConformance, AnIllFormedUpdateIsRefusedWhateverIsThere) {
  Update too_many;
  for (int i = 0; i < 101; ++i) too_many.push_back(Change::set("a" + std::to_string(i), n(i)));
  const std::vector<Update> updates = {
      {},
      too_many,
      {Change::set("pk", "x")},
      {Change::remove("sk")},
      {Change::set("a", n(1)), Change::remove("a")},
      {Change::set("a", n(1)), Change::set(Path("a").member("b"), n(1))},
      {Change::set(Path("a").at(0), n(1)), Change::set(Path("a").member("b"), n(1))},
      {Change::add(Path("m").member("k"), n(1))},
      {Change::add("a", "text")},
      {Change::delete_elements("a", n(1))},
      {Change::set("", n(1))},
      {Change::set("a", StringSet{})},
  };
  for (std::size_t i = 0; i < updates.size(); ++i) {
    EXPECT_EQ(code_of(update(kKey, updates[i])), ErrorCode::InvalidArgument) << i;
    EXPECT_EQ(code_of(transact({UpdateItem{kKey, updates[i], {}}})), ErrorCode::InvalidArgument) << i;
  }
}

TEST_P(PortConformance, AnUpdateMayHaveAHundredChanges) {
  ASSERT_TRUE(put({kKey, {}}));
  Update update;
  Attributes expected;
  for (int i = 0; i < 100; ++i) {
    update.push_back(Change::set("a" + std::to_string(i), n(i)));
    expected.set("a" + std::to_string(i), n(i));
  }
  ASSERT_TRUE(this->update(kKey, update));
  EXPECT_EQ(stored(kKey).attributes, expected);
}

}  // namespace
}  // namespace loopstate::table
