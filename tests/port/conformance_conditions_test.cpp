// Conditions of every kind, on single writes and in transactions.
#include "port/conformance.hpp"

namespace loopstate::table {
namespace {

struct Case {
  std::string name;
  Condition condition;
  bool holds = false;       // for the item below
  bool of_nothing = false;  // if there is no item
};

Item sample() {
  return {kKey,
          {{"text", "hello"},
           {"n", n(5)},
           {"bytes", Binary{std::string("\0\1\2", 3)}},
           {"yes", Value::boolean(true)},
           {"nothing", Null{}},
           {"words", StringSet{{"a", "b"}}},
           {"numbers", NumberSet{{{"1"}, {"2.5"}}}},
           {"binaries", BinarySet{{{"x"}}}},
           {"list", List{"a", n(1), List{"z"}}},
           {"map", Map{{"k", n(1)}, {"in", Map{{"x", "y"}}}, {"a.b", n(2)}}},
           {"size", n(1)},  // a keyword of the service's expression language
           {"dotted.name", n(3)}}};
}

std::vector<Case> existence_cases() {
  return {{"always", Condition(), true, true},
          {"item exists", Condition::item_exists(), true, false},
          {"item absent", Condition::item_absent(), false, true},
          {"exists", Condition::exists("n"), true, false},
          {"exists null", Condition::exists("nothing"), true, false},
          {"exists nowhere", Condition::exists("q"), false, false},
          {"absent", Condition::absent("q"), true, true},
          {"absent there", Condition::absent("n"), false, true},
          {"exists in map", Condition::exists(Path("map").member("in").member("x")), true, false},
          {"exists in list", Condition::exists(Path("list").at(2).at(0)), true, false},
          {"past a list's end", Condition::exists(Path("list").at(3)), false, false},
          {"index of a string", Condition::exists(Path("text").at(0)), false, false},
          {"member of a list", Condition::exists(Path("list").member("k")), false, false},
          {"index of a map", Condition::exists(Path("map").at(0)), false, false},
          {"reserved word", Condition::exists("size"), true, false},
          {"dotted name", Condition::exists("dotted.name"), true, false},
          {"dotted member", Condition::exists(Path("map").member("a.b")), true, false},
          {"never", Condition::never(), false, false}};
}

std::vector<Case> comparison_cases() {
  using enum Comparison;
  const auto compare = [](std::string name, Path path, Comparison how, Value value, bool holds,
                          bool of_nothing = false) {
    return Case{std::move(name), Condition::compare(std::move(path), how, std::move(value)), holds,
                of_nothing};
  };
  return {compare("equal text", "text", Equal, "hello", true),
          compare("equal other text", "text", Equal, "hellO", false),
          compare("not equal", "text", NotEqual, "hellO", true, true),
          compare("not equal same", "text", NotEqual, "hello", false, true),
          compare("not equal nowhere", "q", NotEqual, "x", true, true),
          compare("equal nowhere", "q", Equal, "x", false),
          compare("less nowhere", "q", Less, "x", false),
          compare("numbers by value", "n", Less, n(10), true),
          compare("less or equal", "n", LessOrEqual, n(5), true),
          compare("less same", "n", Less, n(5), false),
          compare("greater fraction", "n", Greater, Number{"4.9"}, true),
          compare("greater or equal", "n", GreaterOrEqual, n(5), true),
          compare("greater same", "n", Greater, n(5), false),
          compare("text by bytes", "text", Less, "h\xC3\xA9llo", true),
          compare("text by case", "text", Greater, "Hello", true),
          compare("bytes unsigned", "bytes", Less, Binary{"\xFF"}, true),
          compare("equal bytes", "bytes", Equal, Binary{std::string("\0\1\2", 3)}, true),
          compare("other type equal", "text", Equal, n(5), false),
          compare("other type not equal", "text", NotEqual, n(5), true, true),
          compare("other type less", "n", Less, "9", false),
          compare("other type greater", "n", GreaterOrEqual, "1", false),
          compare("equal boolean", "yes", Equal, Value::boolean(true), true),
          compare("equal null", "nothing", Equal, Null{}, true),
          compare("equal set in any order", "words", Equal, StringSet{{"b", "a"}}, true),
          compare("equal smaller set", "words", Equal, StringSet{{"a"}}, false),
          compare("equal number set", "numbers", Equal, NumberSet{{{"2.5"}, {"1"}}}, true),
          compare("equal list", "list", Equal, List{"a", n(1), List{"z"}}, true),
          compare("equal list in another order", "list", Equal, List{n(1), "a", List{"z"}}, false),
          compare("equal map", Path("map").member("in"), Equal, Map{{"x", "y"}}, true),
          compare("member", Path("map").member("k"), Equal, n(1), true),
          compare("element", Path("list").at(0), Equal, "a", true),
          compare("element past the end", Path("list").at(9), NotEqual, "a", true, true),
          compare("partition key", "pk", Equal, "p", true),
          compare("sort key", "sk", Greater, "r", true)};
}

std::vector<Case> function_and_logic_cases() {
  const auto yes = Condition::equals("n", n(5));
  const auto no = Condition::equals("n", n(6));
  return {{"begins with", Condition::begins_with("text", "hel"), true, false},
          {"begins with nothing", Condition::begins_with("text", ""), true, false},
          {"does not begin with", Condition::begins_with("text", "el"), false, false},
          {"number begins with", Condition::begins_with("n", "5"), false, false},
          {"sort key begins with", Condition::begins_with("sk", "s"), true, false},
          {"contains part", Condition::contains("text", "ell"), true, false},
          {"contains no part", Condition::contains("text", "elle"), false, false},
          {"contains byte", Condition::contains("bytes", Binary{"\1"}), true, false},
          {"set contains", Condition::contains("words", "a"), true, false},
          {"set contains not", Condition::contains("words", "c"), false, false},
          {"number set contains", Condition::contains("numbers", Number{"2.5"}), true, false},
          {"number set contains text", Condition::contains("numbers", "1"), false, false},
          {"binary set contains", Condition::contains("binaries", Binary{"x"}), true, false},
          {"list contains", Condition::contains("list", n(1)), true, false},
          {"list contains list", Condition::contains("list", List{"z"}), true, false},
          {"list contains not", Condition::contains("list", "z"), false, false},
          {"map contains", Condition::contains("map", "k"), false, false},
          {"contains nowhere", Condition::contains("q", "k"), false, false},
          {"all of", Condition::all_of({yes, Condition::exists("text")}), true, false},
          {"all of but one", Condition::all_of({yes, no}), false, false},
          {"any of", Condition::any_of({no, yes}), true, false},
          {"any of none", Condition::any_of({no, Condition::exists("q")}), false, false},
          {"not", Condition::negate(no), true, true},
          {"not true", Condition::negate(yes), false, true},
          {"not nowhere", Condition::negate(Condition::equals("q", n(1))), true, true},
          {"not all", Condition::negate(Condition::all_of({yes, no})), true, true},
          {"any of alls", Condition::any_of({Condition::all_of({no, yes}), Condition::all_of({yes, yes})}),
           true, false},
          {"all of anys", Condition::all_of({Condition::any_of({no, yes}), Condition::any_of({no, no})}),
           false, false},
          {"absent or changed", Condition::any_of({Condition::item_absent(), no}), false, true},
          {"all of nothing", Condition::all_of({}), true, true},
          {"any of nothing", Condition::any_of({}), false, false}};
}

std::vector<Case> cases() {
  auto all = existence_cases();
  for (auto& one : comparison_cases()) all.push_back(std::move(one));
  for (auto& one : function_and_logic_cases()) all.push_back(std::move(one));
  return all;
}

TEST_P(PortConformance, ConditionsDecideAboutPuts) {
  for (const auto& one : cases()) {
    ASSERT_TRUE(put(sample()));
    const auto outcome = put({kKey, {{"new", n(1)}}}, one.condition);
    ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
    EXPECT_EQ(outcome->applied, one.holds) << one.name;
    EXPECT_EQ(outcome->item, sample()) << one.name;
    EXPECT_EQ(stored(kKey) == sample(), !one.holds) << one.name;
  }
}

TEST_P(PortConformance, ConditionsDecideAboutPutsWhereNothingIs) {
  for (const auto& one : cases()) {
    ASSERT_TRUE(erase(kKey));
    const auto outcome = put({kKey, {{"new", n(1)}}}, one.condition);
    ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
    EXPECT_EQ(outcome->applied, one.of_nothing) << one.name;
    EXPECT_FALSE(outcome->item) << one.name;
    EXPECT_EQ(get(kKey)->has_value(), one.of_nothing) << one.name;
  }
}

TEST_P(PortConformance, ConditionsDecideAboutUpdates) {
  for (const auto& one : cases()) {
    ASSERT_TRUE(put(sample()));
    const auto outcome = update(kKey, {Change::set("new", n(1))}, one.condition);
    ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
    EXPECT_EQ(outcome->applied, one.holds) << one.name;
    EXPECT_EQ(stored(kKey).find("new") != nullptr, one.holds) << one.name;
  }
}

TEST_P(PortConformance, ConditionsDecideAboutErases) {
  for (const auto& one : cases()) {
    ASSERT_TRUE(put(sample()));
    const auto outcome = erase(kKey, one.condition);
    ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
    EXPECT_EQ(outcome->applied, one.holds) << one.name;
    EXPECT_EQ(outcome->item, sample()) << one.name;
    EXPECT_EQ(get(kKey)->has_value(), !one.holds) << one.name;
  }
}

TEST_P(PortConformance, ConditionsDecideAboutErasesWhereNothingIs) {
  for (const auto& one : cases()) {
    const auto outcome = erase(kKey, one.condition);
    ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
    EXPECT_EQ(outcome->applied, one.of_nothing) << one.name;
    EXPECT_FALSE(outcome->item) << one.name;
  }
}

TEST_P(PortConformance, ConditionsDecideAboutChecksInTransactions) {
  ASSERT_TRUE(put(sample()));
  for (const auto& one : cases()) {
    const Key other{"p", "other"};
    const auto outcome = transact({Check{kKey, one.condition}, Put{{other, {}}, {}}});
    ASSERT_TRUE(outcome) << one.name << ": " << outcome.error().message;
    EXPECT_EQ(outcome->applied, one.holds) << one.name;
    EXPECT_EQ(get(other)->has_value(), one.holds) << one.name;
    ASSERT_TRUE(erase(other));
    if (one.holds) continue;
    ASSERT_EQ(outcome->refusals.size(), 2u) << one.name;
    EXPECT_TRUE(outcome->refusals[0].refused) << one.name;
    EXPECT_EQ(outcome->refusals[0].item, sample()) << one.name;
    EXPECT_FALSE(outcome->refusals[1].refused) << one.name;
  }
}

TEST_P(PortConformance, AConditionThatMakesNoSenseIsRefused) {
  ASSERT_TRUE(put(sample()));
  for (const auto& condition :
       {Condition::compare("yes", Comparison::Less, Value::boolean(true)), Condition::exists(""),
        Condition::exists(Path("pk").member("x")), Condition::equals("words", StringSet{})}) {
    EXPECT_EQ(code_of(put({kKey, {}}, condition)), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(update(kKey, {Change::set("a", n(1))}, condition)), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(erase(kKey, condition)), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(transact({Check{kKey, condition}})), ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(stored(kKey), sample());
}

}  // namespace
}  // namespace loopstate::table
