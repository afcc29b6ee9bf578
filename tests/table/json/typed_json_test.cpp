// DynamoDB's typed JSON: every type there and back, and what is not one.
#include "table/json/typed_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace loopstate::table {
namespace {

using ::testing::HasSubstr;

std::string text_of(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

std::string text_of(const Item& item) {
  std::string out;
  append_item(out, item);
  return out;
}

// What a value of this text comes back as; what the cursor says if it is refused.
std::string there_and_back(std::string_view text) {
  json::Reader reader(text);
  Value value;
  return read_value(reader, value) && reader.finish() ? text_of(value) : reader.problem().message;
}

class EachType : public testing::TestWithParam<std::pair<Value, std::string>> {};

TEST_P(EachType, GoesThereAndBack) {
  const auto& [value, text] = GetParam();
  EXPECT_EQ(text_of(value), text);
  json::Reader reader(text);
  Value back;
  EXPECT_TRUE(read_value(reader, back) && reader.finish()) << reader.problem().message;
  EXPECT_EQ(back, value);
}

INSTANTIATE_TEST_SUITE_P(
    TypedJson, EachType,
    testing::Values(
        std::pair{Value(""), std::string(R"({"S":""})")},
        std::pair{Value("x\"\\\n\u00e9"), std::string("{\"S\":\"x\\\"\\\\\\n\u00e9\"}")},
        std::pair{Value::number(std::int64_t{-12}), std::string(R"({"N":"-12"})")},
        std::pair{Value(Number{"0.5"}), std::string(R"({"N":"0.5"})")},
        std::pair{Value(Binary{}), std::string(R"({"B":""})")},
        std::pair{Value(Binary{std::string("\0\1\2\xff", 4)}), std::string(R"({"B":"AAEC/w=="})")},
        std::pair{Value::boolean(true), std::string(R"({"BOOL":true})")},
        std::pair{Value::boolean(false), std::string(R"({"BOOL":false})")},
        std::pair{Value(Null{}), std::string(R"({"NULL":true})")},
        std::pair{Value(StringSet{{"a", "b"}}), std::string(R"({"SS":["a","b"]})")},
        std::pair{Value(NumberSet{{{"9"}, {"10"}}}), std::string(R"({"NS":["9","10"]})")},
        std::pair{Value(BinarySet{{{"a"}, {"b"}}}), std::string(R"({"BS":["YQ==","Yg=="]})")},
        std::pair{Value(List{}), std::string(R"({"L":[]})")},
        std::pair{Value(List{"y", "x", List{}}), std::string(R"({"L":[{"S":"y"},{"S":"x"},{"L":[]}]})")},
        std::pair{Value(Map{}), std::string(R"({"M":{}})")},
        std::pair{Value(Map{{"j", Value::boolean(true)}, {"k", Map{}}}),
                  std::string(R"({"M":{"j":{"BOOL":true},"k":{"M":{}}}})")}));

TEST(TypedJson, NumbersBecomeCanonicalAndKeepEveryDigit) {
  for (const auto& [read, kept] :
       {std::pair{"12345678901234567890123456789012345678", "12345678901234567890123456789012345678"},
        std::pair{"0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"},
        std::pair{"+1.50e1", "15"}, std::pair{"1.50E1", "15"}, std::pair{"-0", "0"}}) {
    EXPECT_EQ(there_and_back(R"({"N":")" + std::string(read) + "\"}"),
              R"({"N":")" + std::string(kept) + "\"}");
  }
}

TEST(TypedJson, SetsTakeTheirOrder) {
  EXPECT_EQ(there_and_back(R"({"SS":["b","a"]})"), R"({"SS":["a","b"]})");
  EXPECT_EQ(there_and_back(R"({"NS":["10","9.0"]})"), R"({"NS":["9","10"]})");
  EXPECT_EQ(there_and_back(R"({"BS":["AQ==","AA=="]})"), R"({"BS":["AA==","AQ=="]})");
}

TEST(TypedJson, ASetWithAnElementTwiceIsRefused) {
  for (const char* text : {R"({"SS":["a","b","a"]})", R"({"SS":["a","a"]})", R"({"NS":["1","2","1.0"]})",
                           R"({"BS":["AA==","AQ==","AA=="]})"}) {
    EXPECT_THAT(there_and_back(text), HasSubstr("twice")) << text;
  }
}

TEST(TypedJson, AValueOfNoTypeOrTwoIsRefused) {
  EXPECT_THAT(there_and_back("{}"), HasSubstr("expected a type"));
  EXPECT_THAT(there_and_back(R"({"X":"1"})"), HasSubstr("not one of S, N"));
  EXPECT_THAT(there_and_back(R"({"s":"1"})"), HasSubstr("not one of S, N"));
  EXPECT_THAT(there_and_back(R"({"S":"1","N":"1"})"), HasSubstr("two types"));
  EXPECT_THAT(there_and_back(R"({"S":"1","S":"1"})"), HasSubstr("two types"));
}

TEST(TypedJson, AValueThatIsNotOfItsTypeIsRefused) {
  EXPECT_THAT(there_and_back(R"({"N":"1x"})"), HasSubstr("\"1x\" is not a number"));
  EXPECT_THAT(there_and_back(R"({"N":"123456789012345678901234567890123456789"})"),
              HasSubstr("39 significant digits"));
  EXPECT_THAT(there_and_back(R"({"N":"1e126"})"), HasSubstr("magnitude"));
  EXPECT_THAT(there_and_back(R"({"B":"*"})"), HasSubstr("base64"));
  EXPECT_THAT(there_and_back(R"({"B":"YQ"})"), HasSubstr("base64"));
  EXPECT_THAT(there_and_back(R"({"B":"YR=="})"), HasSubstr("base64"));
  EXPECT_THAT(there_and_back(R"({"NULL":false})"), HasSubstr("NULL must be true"));
  for (const char* text :
       {R"({"S":1})", R"({"S":null})", R"({"N":1})", R"({"B":[]})", R"({"BOOL":"true"})", R"({"NULL":null})",
        R"({"SS":"a"})", R"({"SS":["a",1]})", R"({"NS":["a"]})", R"({"NS":[1]})", R"({"BS":["?"]})",
        R"({"L":{}})", R"({"L":["a"]})", R"({"M":[]})", R"({"M":{"a":"b"}})", R"("S")", "null", ""}) {
    json::Reader reader(text);
    Value value;
    EXPECT_FALSE(read_value(reader, value)) << text;
    EXPECT_FALSE(reader.ok()) << text;
  }
}

TEST(TypedJson, AMemberThatComesTwiceIsRefused) {
  EXPECT_THAT(there_and_back(R"({"M":{"a":{"S":"1"},"b":{"S":"1"},"a":{"S":"1"}}})"),
              HasSubstr("appears twice"));
}

TEST(TypedJson, TheCursorBoundsTheDepth) {
  std::string text;
  for (int level = 0; level < 100'000; ++level) text += R"({"L":[)";
  EXPECT_THAT(there_and_back(text), HasSubstr("deeper than"));
}

TEST(TypedJson, AnItemComesKeyFirstAndInTheOrderOfItsNames) {
  const std::string_view text =
      R"({"z":{"BOOL":true},"sk":{"S":"s\u00e9"},"a":{"M":{"c":{"N":"1"},"b":{"N":"2"}}},"pk":{"S":"p"}})";
  json::Reader reader(text);
  Item item;
  ASSERT_TRUE(read_item(reader, item) && reader.finish());
  EXPECT_EQ(item, (Item{{"p", "s\u00e9"},
                        {{"a", Map{{"b", Number{"2"}}, {"c", Number{"1"}}}}, {"z", Value::boolean(true)}}}));
  EXPECT_EQ(text_of(item),
            "{\"pk\":{\"S\":\"p\"},\"sk\":{\"S\":\"s\u00e9\"},"
            R"("a":{"M":{"b":{"N":"2"},"c":{"N":"1"}}},"z":{"BOOL":true}})");
}

TEST(TypedJson, AnItemWithoutStringKeysIsRefused) {
  for (const auto& [text, missing] :
       {std::pair{R"({"sk":{"S":"s"}})", "\"pk\""}, std::pair{R"({"pk":{"S":"p"}})", "\"sk\""},
        std::pair{R"({"pk":{"S":"p"},"sk":{"N":"1"}})", "\"sk\""}}) {
    json::Reader reader(text);
    Item item;
    EXPECT_FALSE(read_item(reader, item)) << text;
    EXPECT_THAT(reader.problem().message, HasSubstr(missing)) << text;
  }
}

TEST(TypedJson, AKeyIsAnItemOfItsOwn) {
  const Key key{"p\"", "s"};
  std::string text;
  append_key(text, key);
  EXPECT_EQ(text, R"({"pk":{"S":"p\""},"sk":{"S":"s"}})");
  json::Reader reader(text);
  Key back;
  EXPECT_TRUE(read_key(reader, back));
  EXPECT_EQ(back, key);
}

}  // namespace
}  // namespace loopstate::table
