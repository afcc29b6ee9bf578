#include "table/value.hpp"

namespace loopstate::table {
namespace {

TEST(Attributes, AreSortedByNameAndUnique) {
  Attributes attributes{{"b", "1"}, {"a", "2"}, {"b", "3"}};
  ASSERT_EQ(attributes.size(), 2u);
  EXPECT_EQ(attributes.begin()->first, "a");
  EXPECT_EQ(*attributes.find("b")->string(), "3");
  EXPECT_EQ(attributes, (Attributes{{"b", "3"}, {"a", "2"}}));
}

TEST(Attributes, AreSetFoundAndRemovedByName) {
  Attributes attributes;
  attributes.set("m", "1");
  attributes.set("c", "2");
  attributes.set("m", "3");
  EXPECT_EQ(*attributes.find("m")->string(), "3");
  EXPECT_EQ(attributes.find("x"), nullptr);
  EXPECT_TRUE(attributes.remove("m"));
  EXPECT_FALSE(attributes.remove("m"));
  EXPECT_FALSE(attributes.contains("m"));
}

TEST(Value, SetsAreSortedAndWithoutDuplicates) {
  EXPECT_EQ(Value(StringSet{{"b", "a", "b"}}), Value(StringSet{{"a", "b"}}));
  EXPECT_EQ(Value(NumberSet{{{"10"}, {"9"}, {"-1"}}}), Value(NumberSet{{{"-1"}, {"9"}, {"10"}}}));
  EXPECT_EQ(Value(BinarySet{{{"b"}, {"a"}}}), Value(BinarySet{{{"a"}, {"b"}}}));
  EXPECT_EQ(Value(StringSet{{"b", "a", "b"}}).string_set()->values.size(), 2u);
}

TEST(Value, ABooleanIsNoStringAndNoNumber) {
  const Value yes = Value::boolean(true);
  EXPECT_TRUE(*yes.boolean());
  EXPECT_EQ(yes.string(), nullptr);
  EXPECT_EQ(yes.number(), nullptr);
  EXPECT_NE(yes, Value::boolean(false));
}

TEST(Value, GivesIntegersOnlyWithinTheirRange) {
  EXPECT_EQ(Value::number(std::int64_t{-5}).as_int64(), -5);
  EXPECT_EQ(Value::number(std::int64_t{-5}).as_uint64(), std::nullopt);
  EXPECT_EQ(Value::number(UINT64_MAX).as_uint64(), UINT64_MAX);
  EXPECT_EQ(Value::number(UINT64_MAX).as_int64(), std::nullopt);
  EXPECT_EQ(Value(Number{"18446744073709551616"}).as_uint64(), std::nullopt);
  EXPECT_EQ(Value(Number{"1.5"}).as_int64(), std::nullopt);
  EXPECT_EQ(Value("5").as_int64(), std::nullopt);
}

TEST(Item, ReadsTypedAttributes) {
  const Item item{{"p", "s"}, {{"text", "x"}, {"n", Value::number(std::int64_t{7})}}};
  EXPECT_EQ(*item.string("text"), "x");
  EXPECT_EQ(item.string("n"), nullptr);
  EXPECT_EQ(item.string("absent"), nullptr);
  EXPECT_EQ(item.int64("n"), 7);
  EXPECT_EQ(item.uint64("n"), 7u);
  EXPECT_EQ(item.int64("text"), std::nullopt);
}

TEST(Key, OrdersByPartitionThenBySortKeyBytes) {
  EXPECT_LT((Key{"a", "z"}), (Key{"b", "a"}));
  EXPECT_LT((Key{"a", "a"}), (Key{"a", "b"}));
  EXPECT_LT((Key{"a", "z"}), (Key{"a", "\xC3\xA9"}));  // bytes compare as unsigned
}

}  // namespace
}  // namespace loopstate::table
