#include "dynamodb/wire_json.hpp"

#include <gtest/gtest.h>

#include "dynamodb/crc32.hpp"
#include "dynamodb/requests.hpp"

namespace loopstate::dynamodb {

using table::Item;
using table::Value;

namespace {

Item item_with(Value value) {
  return {{"p", "s"}, {{"a", std::move(value)}}};
}

std::string wire(const Item& item) {
  std::string out;
  append_item(out, item);
  return out;
}

}  // namespace

class EachType : public testing::TestWithParam<std::pair<Value, std::string>> {};

TEST_P(EachType, GoesThereAndBack) {
  const auto& [value, text] = GetParam();
  const Item item = item_with(value);
  EXPECT_EQ(wire(item), R"({"pk":{"S":"p"},"sk":{"S":"s"},"a":)" + text + "}");
  const auto back = read_get_item(R"({"Item":)" + wire(item) + "}");
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_TRUE(*back);
  EXPECT_EQ(**back, item);
}

INSTANTIATE_TEST_SUITE_P(
    WireJson, EachType,
    testing::Values(
        std::pair{Value("x\"\n\u00e9"), std::string("{\"S\":\"x\\\"\\n\u00e9\"}")},
        std::pair{Value::number(std::int64_t{-12}), std::string(R"({"N":"-12"})")},
        std::pair{Value(table::Binary{std::string("\0\1\2", 3)}), std::string(R"({"B":"AAEC"})")},
        std::pair{Value::boolean(true), std::string(R"({"BOOL":true})")},
        std::pair{Value::boolean(false), std::string(R"({"BOOL":false})")},
        std::pair{Value(table::Null{}), std::string(R"({"NULL":true})")},
        std::pair{Value(table::StringSet{{"a", "b"}}), std::string(R"({"SS":["a","b"]})")},
        std::pair{Value(table::NumberSet{{{"9"}, {"10"}}}), std::string(R"({"NS":["9","10"]})")},
        std::pair{Value(table::BinarySet{{{"a"}}}), std::string(R"({"BS":["YQ=="]})")},
        std::pair{Value(table::List{"x", table::List{}}), std::string(R"({"L":[{"S":"x"},{"L":[]}]})")},
        std::pair{Value(table::Map{{"k", table::Map{}}}), std::string(R"({"M":{"k":{"M":{}}}})")}));

TEST(WireJson, NumbersBecomeCanonicalAndKeepEveryDigit) {
  const auto read = read_get_item(
      R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"N":"12345678901234567890123456789012345678"},"b":{"N":"1.50E1"}}})");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->find("a")->number()->text, "12345678901234567890123456789012345678");
  EXPECT_EQ((*read)->find("b")->number()->text, "15");
}

TEST(WireJson, SetsAreSortedAndAttributesToo) {
  const auto read =
      read_get_item(R"({"Item":{"z":{"SS":["b","a"]},"sk":{"S":"s"},"a":{"NS":["10","9"]},"pk":{"S":"p"}}})");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, (Item{{"p", "s"},
                          {{"a", table::NumberSet{{{"9"}, {"10"}}}}, {"z", table::StringSet{{"a", "b"}}}}}));
}

TEST(WireJson, NothingThereIsNoItem) {
  const auto read = read_get_item("{}");
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(WireJson, ABrokenReplyIsAProtocolError) {
  for (const std::string_view body :
       {R"({"Item":)", R"({"Item":{"pk":{"S":"p"}}})", R"({"Item":{"pk":{"S":"p"},"sk":{"N":"1"}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"X":"1"}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"N":"one"}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"B":"?"}}})", "[]", "{} {}"}) {
    const auto read = read_get_item(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, ErrorCode::ProtocolError);
  }
}

TEST(WireJson, AnItemMayBe32LevelsDeep) {
  Value deep = "x";
  for (int level = 0; level < 32; ++level)
    deep = level % 2 == 0 ? Value(table::List{deep}) : Value(table::Map{{"k", deep}});
  const Item item = item_with(deep);
  const auto read = read_get_item(R"({"Item":)" + wire(item) + "}");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, item);
}

TEST(WireJson, CursorsComeBackAsTheirKeys) {
  for (const table::Key& key : {table::Key{"USER#u", "CARD#1:2"}, table::Key{"\u00e9", "s"}}) {
    const auto back = read_cursor(make_cursor(key));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, key);
  }
  for (const std::string_view wrong : {"", "x", "5:ab", "2:ab", ":ab", "-1:ab"}) {
    EXPECT_FALSE(read_cursor(wrong)) << wrong;
  }
}

TEST(Crc32, IsTheIeeeOne) {
  EXPECT_EQ(crc32(""), 0u);
  EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339u);
}

}  // namespace loopstate::dynamodb
