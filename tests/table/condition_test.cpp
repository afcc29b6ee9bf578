#include "table/condition.hpp"

namespace loopstate::table {
namespace {

Value number(std::int64_t value) {
  return Value::number(value);
}

Item sample() {
  return {{"p", "s"},
          {{"text", "hello"},
           {"n", number(5)},
           {"bytes", Binary{std::string("\0\1\2", 3)}},
           {"yes", Value::boolean(true)},
           {"nothing", Null{}},
           {"words", StringSet{{"a", "b"}}},
           {"numbers", NumberSet{{{"1"}, {"2"}}}},
           {"list", List{"a", number(1), List{"z"}}},
           {"map", Map{{"k", number(1)}, {"in", Map{{"x", "y"}}}}}}};
}

bool true_of_sample(const Condition& condition) {
  const Item item = sample();
  return holds(condition, &item);
}

bool compares(Path path, Comparison how, Value value) {
  return true_of_sample(Condition::compare(std::move(path), how, std::move(value)));
}

TEST(Condition, WithoutAnyHoldsForAnItemAndForNone) {
  EXPECT_TRUE(true_of_sample({}));
  EXPECT_TRUE(holds({}, nullptr));
}

TEST(Condition, ExistenceOfTheItemIsThatOfItsKey) {
  EXPECT_TRUE(true_of_sample(Condition::item_exists()));
  EXPECT_FALSE(true_of_sample(Condition::item_absent()));
  EXPECT_FALSE(holds(Condition::item_exists(), nullptr));
  EXPECT_TRUE(holds(Condition::item_absent(), nullptr));
}

TEST(Condition, ExistenceFollowsPathsIntoMapsAndLists) {
  EXPECT_TRUE(true_of_sample(Condition::exists(Path("map").member("in").member("x"))));
  EXPECT_TRUE(true_of_sample(Condition::exists(Path("list").at(2).at(0))));
  EXPECT_FALSE(true_of_sample(Condition::exists(Path("list").at(3))));
  EXPECT_TRUE(true_of_sample(Condition::absent(Path("list").at(3))));
  EXPECT_TRUE(true_of_sample(Condition::absent(Path("text").at(0))));
  EXPECT_TRUE(true_of_sample(Condition::absent(Path("list").member("k"))));
  EXPECT_TRUE(true_of_sample(Condition::absent(Path("map").at(0))));
}

TEST(Condition, EqualityIsDeepAndIgnoresTheOrderOfSets) {
  EXPECT_TRUE(compares("words", Comparison::Equal, StringSet{{"b", "a"}}));
  EXPECT_TRUE(compares("list", Comparison::Equal, List{"a", number(1), List{"z"}}));
  EXPECT_FALSE(compares("list", Comparison::Equal, List{number(1), "a", List{"z"}}));
  EXPECT_TRUE(compares(Path("map").member("in"), Comparison::Equal, Map{{"x", "y"}}));
  EXPECT_TRUE(compares("yes", Comparison::Equal, Value::boolean(true)));
  EXPECT_TRUE(compares("nothing", Comparison::Equal, Null{}));
}

TEST(Condition, NumbersOrderByValueAndStringsByBytes) {
  EXPECT_TRUE(compares("n", Comparison::Less, number(10)));
  EXPECT_TRUE(compares("n", Comparison::LessOrEqual, number(5)));
  EXPECT_FALSE(compares("n", Comparison::Less, number(5)));
  EXPECT_TRUE(compares("n", Comparison::Greater, Number{"4.9"}));
  EXPECT_TRUE(compares("n", Comparison::GreaterOrEqual, number(5)));
  EXPECT_FALSE(compares("n", Comparison::Greater, number(5)));
  EXPECT_TRUE(compares("text", Comparison::Less, "h\xC3\xA9llo"));
  EXPECT_TRUE(compares("text", Comparison::Greater, "Hello"));
  EXPECT_TRUE(compares("bytes", Comparison::Less, Binary{"\xFF"}));
}

TEST(Condition, OfDifferentTypesOnlyNotEqualHolds) {
  for (const auto how : {Comparison::Equal, Comparison::Less, Comparison::LessOrEqual, Comparison::Greater,
                         Comparison::GreaterOrEqual}) {
    EXPECT_FALSE(compares("text", how, number(5)));
    EXPECT_FALSE(compares("n", how, "5"));
  }
  EXPECT_TRUE(compares("text", Comparison::NotEqual, number(5)));
}

TEST(Condition, WhereThePathLeadsNowhereOnlyNotEqualHolds) {
  for (const auto how : {Comparison::Equal, Comparison::Less, Comparison::LessOrEqual, Comparison::Greater,
                         Comparison::GreaterOrEqual}) {
    EXPECT_FALSE(compares("absent", how, "x"));
    EXPECT_FALSE(holds(Condition::compare("text", how, "hello"), nullptr));
  }
  EXPECT_TRUE(compares("absent", Comparison::NotEqual, "x"));
  EXPECT_TRUE(compares(Path("list").at(9), Comparison::NotEqual, "x"));
  EXPECT_TRUE(holds(Condition::compare("text", Comparison::NotEqual, "hello"), nullptr));
}

TEST(Condition, TheKeyComparesAsStrings) {
  EXPECT_TRUE(compares("pk", Comparison::Equal, "p"));
  EXPECT_TRUE(compares("sk", Comparison::GreaterOrEqual, "a"));
  EXPECT_TRUE(true_of_sample(Condition::begins_with("sk", "s")));
}

TEST(Condition, BeginsWithIsForStrings) {
  EXPECT_TRUE(true_of_sample(Condition::begins_with("text", "he")));
  EXPECT_TRUE(true_of_sample(Condition::begins_with("text", "")));
  EXPECT_FALSE(true_of_sample(Condition::begins_with("text", "el")));
  EXPECT_FALSE(true_of_sample(Condition::begins_with("n", "5")));
  EXPECT_FALSE(true_of_sample(Condition::begins_with("absent", "")));
}

TEST(Condition, ContainsFindsPartsAndElements) {
  EXPECT_TRUE(true_of_sample(Condition::contains("text", "ell")));
  EXPECT_FALSE(true_of_sample(Condition::contains("text", "elle")));
  EXPECT_TRUE(true_of_sample(Condition::contains("bytes", Binary{"\1"})));
  EXPECT_TRUE(true_of_sample(Condition::contains("words", "a")));
  EXPECT_FALSE(true_of_sample(Condition::contains("words", "c")));
  EXPECT_TRUE(true_of_sample(Condition::contains("numbers", number(2))));
  EXPECT_FALSE(true_of_sample(Condition::contains("numbers", "2")));
  EXPECT_TRUE(true_of_sample(Condition::contains("list", List{"z"})));
  EXPECT_FALSE(true_of_sample(Condition::contains("list", "z")));
  EXPECT_FALSE(true_of_sample(Condition::contains("map", "k")));
  EXPECT_FALSE(true_of_sample(Condition::contains("absent", "k")));
}

TEST(Condition, CombinesWithAndOrAndNot) {
  const auto yes = Condition::equals("n", number(5));
  const auto no = Condition::equals("n", number(6));
  EXPECT_TRUE(true_of_sample(Condition::all_of({yes, yes})));
  EXPECT_FALSE(true_of_sample(Condition::all_of({yes, no})));
  EXPECT_TRUE(true_of_sample(Condition::any_of({no, yes})));
  EXPECT_FALSE(true_of_sample(Condition::any_of({no, no})));
  EXPECT_TRUE(true_of_sample(Condition::negate(no)));
  EXPECT_FALSE(true_of_sample(Condition::negate(yes)));
  EXPECT_TRUE(true_of_sample(Condition::negate(Condition::equals("absent", "x"))));
}

TEST(Condition, OfNoConditionsAllHoldAndAnyDoesNot) {
  EXPECT_TRUE(holds(Condition::all_of({}), nullptr));
  EXPECT_FALSE(true_of_sample(Condition::any_of({})));
  EXPECT_FALSE(holds(Condition::any_of({}), nullptr));
}

TEST(Condition, AlwaysIsOnlyEverTheRoot) {
  const auto yes = Condition::equals("n", number(5));
  EXPECT_EQ(Condition::all_of({Condition(), yes}), yes);
  EXPECT_EQ(Condition::all_of({Condition(), Condition()}), Condition());
  EXPECT_EQ(Condition::any_of({yes, Condition()}), Condition());
  EXPECT_EQ(Condition::negate(Condition()), Condition::never());
  EXPECT_FALSE(true_of_sample(Condition::never()));
  EXPECT_FALSE(holds(Condition::never(), nullptr));
}

TEST(Path, ReadsAsAPersonWritesIt) {
  EXPECT_EQ(to_string(Path("a")), "a");
  EXPECT_EQ(to_string(Path("a").member("b").at(3)), "a.b[3]");
}

}  // namespace
}  // namespace loopstate::table
