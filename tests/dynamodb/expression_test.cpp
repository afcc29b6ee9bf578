#include "dynamodb/expression.hpp"

#include <gtest/gtest.h>

namespace loopstate::dynamodb {

using table::Change;
using table::Comparison;
using table::Condition;
using table::Path;
using table::Value;

namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'700'000'000}};

Value n(std::int64_t value) {
  return Value::number(value);
}

/// The text with the names and values back in their places.
std::string readable(std::string text, const Placeholders& placeholders) {
  const auto replace = [&](const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
      text.replace(at, what.size(), with);
    }
  };
  for (std::size_t at = placeholders.names().size(); at-- > 0;) {
    replace("#" + std::to_string(at), placeholders.names()[at]);
  }
  for (std::size_t at = placeholders.values().size(); at-- > 0;) {
    const Value& value = placeholders.values()[at];
    const std::string shown = value.number() != nullptr   ? value.number()->text
                              : value.string() != nullptr ? "'" + *value.string() + "'"
                                                          : "?";
    replace(":" + std::to_string(at), shown);
  }
  return text;
}

std::string condition(const Condition& tree) {
  const auto rendered = render_condition(tree, kNow);
  return rendered ? readable(rendered->condition, rendered->placeholders) : rendered.error().message;
}

}  // namespace

TEST(Expression, AConditionThatAlwaysHoldsIsLeftOut) {
  EXPECT_EQ(condition({}), "");
  EXPECT_EQ(condition(Condition::all_of({})), "");
  EXPECT_EQ(condition(Condition::any_of({{}, Condition::exists("a")})), "");
}

TEST(Expression, AnExpiredItemMeetsNoConditionThatNeedsOne) {
  EXPECT_EQ(condition(Condition::equals("version", n(7))), "(NOT ttl <= 1700000000) AND version = 7");
}

TEST(Expression, AnExpiredItemMeetsWhatNoItemMeets) {
  EXPECT_EQ(condition(Condition::item_absent()), "ttl <= 1700000000 OR attribute_not_exists(pk)");
  EXPECT_EQ(condition(Condition::compare("a", Comparison::NotEqual, "x")), "ttl <= 1700000000 OR a <> 'x'");
}

TEST(Expression, TreesKeepTheirMeaning) {
  EXPECT_EQ(condition(Condition::all_of(
                {Condition::exists("a"),
                 Condition::any_of({Condition::equals("b", n(1)), Condition::begins_with("c", "x")})})),
            "(NOT ttl <= 1700000000) AND (attribute_exists(a) AND (b = 1 OR begins_with(c, 'x')))");
  EXPECT_EQ(condition(Condition::negate(Condition::any_of({Condition::exists("a"), Condition::exists("b")}))),
            "ttl <= 1700000000 OR (NOT (attribute_exists(a) OR attribute_exists(b)))");
}

TEST(Expression, PathsGoIntoListsAndMaps) {
  EXPECT_EQ(condition(Condition::equals(Path("write_ids").at(0), "w1")),
            "(NOT ttl <= 1700000000) AND write_ids[0] = 'w1'");
  EXPECT_EQ(condition(Condition::exists(Path("m").member("k"))),
            "(NOT ttl <= 1700000000) AND attribute_exists(m.k)");
}

TEST(Expression, AConditionThatNeverHoldsStaysOne) {
  EXPECT_EQ(condition(Condition::never()),
            "(NOT ttl <= 1700000000) AND (attribute_exists(pk) AND attribute_not_exists(pk))");
}

TEST(Expression, NamesAndValuesAreSentOnce) {
  const auto rendered =
      render_condition(Condition::any_of({Condition::equals("a", n(1)), Condition::equals("a", n(2)),
                                          Condition::equals("b", n(1))}),
                       kNow);
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->placeholders.names(), (std::vector<std::string>{"ttl", "a", "b"}));
  EXPECT_EQ(rendered->placeholders.values(), (std::vector<Value>{Value::time(kNow), n(1), n(2)}));
}

TEST(Expression, ACheckAlwaysHasAText) {
  const auto rendered = render_check({}, kNow);
  ASSERT_TRUE(rendered);
  EXPECT_EQ(readable(rendered->condition, rendered->placeholders),
            "attribute_exists(pk) OR attribute_not_exists(pk)");
}

TEST(Expression, AnUpdateNeedsALiveItem) {
  const auto rendered = render_update({Change::set("a", n(1))}, {}, kNow);
  ASSERT_TRUE(rendered);
  EXPECT_EQ(readable(rendered->condition, rendered->placeholders),
            "attribute_exists(pk) AND (NOT ttl <= 1700000000)");
}

TEST(Expression, AnUpdateNamesEachClauseOnce) {
  const auto rendered =
      render_update({Change::set("a", n(1)), Change::remove("b"), Change::set("c", "x"),
                     Change::add("d", n(2)), Change::delete_elements("e", table::StringSet{{"y"}})},
                    Condition::equals("a", n(0)), kNow);
  ASSERT_TRUE(rendered);
  EXPECT_EQ(readable(rendered->update, rendered->placeholders),
            "SET a = 1, c = 'x' REMOVE b ADD d 2 DELETE e ?");
}

TEST(Expression, TheServicesBoundsAreKept) {
  const auto long_text =
      render_condition(Condition::any_of(std::vector<Condition>(500, Condition::exists("a"))), kNow);
  ASSERT_FALSE(long_text);
  EXPECT_EQ(long_text.error().code, ErrorCode::InvalidArgument);
  const auto long_name = render_condition(Condition::exists(std::string(256, 'a')), kNow);
  ASSERT_FALSE(long_name);
  EXPECT_EQ(long_name.error().code, ErrorCode::InvalidArgument);
}

}  // namespace loopstate::dynamodb
