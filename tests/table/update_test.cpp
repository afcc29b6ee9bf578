#include "table/update.hpp"

#include "table/number.hpp"

namespace loopstate::table {
namespace {

Value number(std::int64_t value) {
  return Value::number(value);
}
Value abc() {
  return List{"a", "b", "c"};
}

/// The attributes after the update; an error's message under "error".
Attributes after(const Update& update, Attributes attributes) {
  auto item = apply(update, {{"p", "s"}, std::move(attributes)});
  return item ? item->attributes : Attributes{{"error", item.error().message}};
}

bool refused(const Update& update, Attributes attributes) {
  const auto item = apply(update, {{"p", "s"}, std::move(attributes)});
  return !item && item.error().code == ErrorCode::InvalidArgument;
}

bool ill_formed(const Update& update) {
  const auto checked = check_update(update);
  return !checked && checked.error().code == ErrorCode::InvalidArgument;
}

TEST(UpdateSet, ReplacesWhateverWasThere) {
  EXPECT_EQ(after({Change::set("a", "x")}, {}), (Attributes{{"a", "x"}}));
  EXPECT_EQ(after({Change::set("a", number(1))}, {{"a", "x"}, {"b", "y"}}),
            (Attributes{{"a", number(1)}, {"b", "y"}}));
}

TEST(UpdateSet, ReachesIntoMapsAndLists) {
  EXPECT_EQ(after({Change::set(Path("m").member("k"), "x")}, {{"m", Map{}}}),
            (Attributes{{"m", Map{{"k", "x"}}}}));
  EXPECT_EQ(after({Change::set(Path("l").at(1), "x")}, {{"l", abc()}}),
            (Attributes{{"l", List{"a", "x", "c"}}}));
  EXPECT_EQ(after({Change::set(Path("m").member("l").at(0), "x")}, {{"m", Map{{"l", List{"a"}}}}}),
            (Attributes{{"m", Map{{"l", List{"x"}}}}}));
}

TEST(UpdateSet, PastAListsEndAppendsInTheOrderOfTheIndices) {
  EXPECT_EQ(after({Change::set(Path("l").at(9), "y"), Change::set(Path("l").at(7), "x")}, {{"l", abc()}}),
            (Attributes{{"l", List{"a", "b", "c", "x", "y"}}}));
}

TEST(UpdateSet, NeedsTheMapOrListThatItReachesInto) {
  EXPECT_TRUE(refused({Change::set(Path("m").member("k"), "x")}, {}));
  EXPECT_TRUE(refused({Change::set(Path("m").member("k"), "x")}, {{"m", "text"}}));
  EXPECT_TRUE(refused({Change::set(Path("m").member("k"), "x")}, {{"m", abc()}}));
  EXPECT_TRUE(refused({Change::set(Path("l").at(0), "x")}, {}));
  EXPECT_TRUE(refused({Change::set(Path("l").at(0), "x")}, {{"l", Map{}}}));
  EXPECT_TRUE(refused({Change::set(Path("l").at(7).member("k"), "x")}, {{"l", abc()}}));
}

TEST(UpdateRemove, TakesAttributesMembersAndElementsAway) {
  EXPECT_EQ(after({Change::remove("a")}, {{"a", "x"}, {"b", "y"}}), (Attributes{{"b", "y"}}));
  EXPECT_EQ(after({Change::remove(Path("m").member("k"))}, {{"m", Map{{"k", "x"}}}}),
            (Attributes{{"m", Map{}}}));
  EXPECT_EQ(after({Change::remove(Path("l").at(1))}, {{"l", abc()}}), (Attributes{{"l", List{"a", "c"}}}));
}

TEST(UpdateRemove, DoesNothingWhereNothingIs) {
  EXPECT_EQ(after({Change::remove("x")}, {{"a", "x"}}), (Attributes{{"a", "x"}}));
  EXPECT_EQ(after({Change::remove(Path("m").member("x"))}, {{"m", Map{}}}), (Attributes{{"m", Map{}}}));
  EXPECT_EQ(after({Change::remove(Path("l").at(3))}, {{"l", abc()}}), (Attributes{{"l", abc()}}));
}

TEST(UpdateRemove, NeedsTheMapOrListThatItReachesInto) {
  EXPECT_TRUE(refused({Change::remove(Path("m").member("k"))}, {}));
  EXPECT_TRUE(refused({Change::remove(Path("l").at(0))}, {}));
  EXPECT_TRUE(refused({Change::remove(Path("t").member("k"))}, {{"t", "text"}}));
  EXPECT_TRUE(refused({Change::remove(Path("m").at(0))}, {{"m", Map{}}}));
  EXPECT_TRUE(refused({Change::remove(Path("l").member("k"))}, {{"l", abc()}}));
}

TEST(Update, IndicesMeanTheListAsItWas) {
  EXPECT_EQ(after({Change::remove(Path("l").at(0)), Change::remove(Path("l").at(1))}, {{"l", abc()}}),
            (Attributes{{"l", List{"c"}}}));
  EXPECT_EQ(after({Change::remove(Path("l").at(0)), Change::set(Path("l").at(1), "x")}, {{"l", abc()}}),
            (Attributes{{"l", List{"x", "c"}}}));
  EXPECT_EQ(after({Change::remove(Path("l").at(0)), Change::remove(Path("l").at(5)),
                   Change::set(Path("l").at(9), "y"), Change::set(Path("l").at(8), "x")},
                  {{"l", abc()}}),
            (Attributes{{"l", List{"b", "c", "x", "y"}}}));
}

TEST(Update, IndicesOnTheWayMeanTheListAsItWas) {
  const List nested{"a", "b", List{"x"}};
  EXPECT_EQ(
      after({Change::remove(Path("l").at(0)), Change::set(Path("l").at(2).at(5), "y")}, {{"l", nested}}),
      (Attributes{{"l", List{"b", List{"x", "y"}}}}));
  EXPECT_EQ(after({Change::remove(Path("l").at(0)), Change::remove(Path("l").at(2).at(0))}, {{"l", nested}}),
            (Attributes{{"l", List{"b", List{}}}}));
}

TEST(UpdateAdd, AddsNumbersAndCountsFromZero) {
  EXPECT_EQ(after({Change::add("n", number(2))}, {{"n", number(3)}}), (Attributes{{"n", number(5)}}));
  EXPECT_EQ(after({Change::add("n", number(-2))}, {}), (Attributes{{"n", number(-2)}}));
}

TEST(UpdateAdd, JoinsSets) {
  EXPECT_EQ(after({Change::add("s", StringSet{{"b", "c"}})}, {{"s", StringSet{{"a", "b"}}}}),
            (Attributes{{"s", StringSet{{"a", "b", "c"}}}}));
  EXPECT_EQ(after({Change::add("s", NumberSet{{{"1"}}})}, {}), (Attributes{{"s", NumberSet{{{"1"}}}}}));
  EXPECT_EQ(after({Change::add("s", BinarySet{{{"b"}}})}, {{"s", BinarySet{{{"a"}}}}}),
            (Attributes{{"s", BinarySet{{{"a"}, {"b"}}}}}));
}

TEST(UpdateAdd, RefusesValuesOfAnotherType) {
  EXPECT_TRUE(refused({Change::add("a", number(1))}, {{"a", "text"}}));
  EXPECT_TRUE(refused({Change::add("a", StringSet{{"x"}})}, {{"a", number(1)}}));
  EXPECT_TRUE(refused({Change::add("a", StringSet{{"x"}})}, {{"a", NumberSet{{{"1"}}}}}));
}

TEST(UpdateAdd, RefusesASumThatCannotBeKept) {
  EXPECT_TRUE(refused({Change::add("n", number(1))}, {{"n", *parse_number("1e38")}}));
  EXPECT_TRUE(refused({Change::add("n", *parse_number("9e125"))}, {{"n", *parse_number("9e125")}}));
}

TEST(UpdateDelete, TakesElementsOutOfASet) {
  EXPECT_EQ(after({Change::delete_elements("s", StringSet{{"a", "x"}})}, {{"s", StringSet{{"a", "b"}}}}),
            (Attributes{{"s", StringSet{{"b"}}}}));
  EXPECT_EQ(after({Change::delete_elements("s", NumberSet{{{"1"}}})}, {{"s", NumberSet{{{"1"}, {"2"}}}}}),
            (Attributes{{"s", NumberSet{{{"2"}}}}}));
  EXPECT_EQ(after({Change::delete_elements("s", StringSet{{"a"}})}, {}), (Attributes{}));
}

TEST(UpdateDelete, RemovesASetThatWouldBeEmpty) {
  EXPECT_EQ(after({Change::delete_elements("s", StringSet{{"a", "b"}})}, {{"s", StringSet{{"a", "b"}}}}),
            (Attributes{}));
}

TEST(UpdateDelete, RefusesWhatIsNoSetOfThatType) {
  EXPECT_TRUE(refused({Change::delete_elements("s", StringSet{{"a"}})}, {{"s", "a"}}));
  EXPECT_TRUE(refused({Change::delete_elements("s", StringSet{{"1"}})}, {{"s", NumberSet{{{"1"}}}}}));
}

TEST(Update, IsOneToAHundredChanges) {
  EXPECT_TRUE(ill_formed({}));
  Update update;
  for (int i = 0; i < 100; ++i) update.push_back(Change::set("a" + std::to_string(i), "x"));
  EXPECT_FALSE(ill_formed(update));
  update.push_back(Change::set("b", "x"));
  EXPECT_TRUE(ill_formed(update));
}

TEST(Update, NeverNamesTheKey) {
  EXPECT_TRUE(ill_formed({Change::set("pk", "x")}));
  EXPECT_TRUE(ill_formed({Change::remove("sk")}));
}

TEST(Update, HasNoOverlappingPaths) {
  EXPECT_TRUE(ill_formed({Change::set("a", "x"), Change::remove("a")}));
  EXPECT_TRUE(ill_formed({Change::set(Path("a").member("b"), "x"), Change::set("a", "x")}));
  EXPECT_TRUE(ill_formed({Change::set("a", "x"), Change::set(Path("a").at(0).member("b"), "x")}));
  EXPECT_TRUE(ill_formed({Change::set(Path("a").member("b"), "x"), Change::set(Path("a").at(0), "x")}));
  EXPECT_FALSE(
      ill_formed({Change::set(Path("a").member("b"), "x"), Change::set(Path("a").member("c"), "x")}));
  EXPECT_FALSE(ill_formed({Change::set("ab", "x"), Change::set("a", "x")}));
}

TEST(Update, AddsAndDeletesWholeAttributesOnly) {
  EXPECT_TRUE(ill_formed({Change::add(Path("m").member("n"), number(1))}));
  EXPECT_TRUE(ill_formed({Change::delete_elements(Path("m").member("s"), StringSet{{"a"}})}));
  EXPECT_TRUE(ill_formed({Change::add("a", "text")}));
  EXPECT_TRUE(ill_formed({Change::delete_elements("a", number(1))}));
}

TEST(Update, SaysWhichPathDidNotFit) {
  EXPECT_THAT(*after({Change::set(Path("m").member("k").at(2), "secret")}, {}).find("error")->string(),
              testing::AllOf(testing::HasSubstr("\"m.k[2]\""), testing::Not(testing::HasSubstr("secret"))));
}

}  // namespace
}  // namespace loopstate::table
