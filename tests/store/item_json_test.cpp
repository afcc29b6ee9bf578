// Items as JSON: every type there and back, and what is none.
#include "store/item_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace loopstate::store {
namespace {

using ::testing::HasSubstr;

std::string with(std::string_view value) {
  return R"({"pk":{"S":"p"},"sk":{"S":"s"},"a":)" + std::string(value) + "}";
}

// What an item with this value comes back as; the message of what refused it.
std::string there_and_back(std::string_view value) {
  const auto item = item_from_json(with(value));
  return item ? item_to_json(*item) : item.error().message;
}

std::string nested(std::string_view open, std::string_view close, int levels) {
  std::string text;
  for (int at = 0; at < levels; ++at) text += open;
  text += R"({"S":"x"})";
  for (int at = 0; at < levels; ++at) text += close;
  return text;
}

TEST(ItemJson, EveryTypeComesBackAsItWas) {
  for (const char* value :
       {R"({"S":""})", R"({"S":"ü \"x\" \\ \n"})", R"({"N":"-12.5"})", R"({"B":""})", R"({"B":"AAEC/w=="})",
        R"({"BOOL":true})", R"({"BOOL":false})", R"({"NULL":true})", R"({"SS":["a","b"]})",
        R"({"NS":["1","2"]})", R"({"BS":["AA==","AQ=="]})", R"({"L":[]})", R"({"L":[{"N":"2"},{"N":"1"}]})",
        R"({"M":{}})", R"({"M":{"a":{"L":[{"BOOL":true}]},"b":{"M":{"c":{"NULL":true}}}}})"}) {
    EXPECT_EQ(there_and_back(value), with(value));
  }
}

TEST(ItemJson, NumbersTakeTheirCanonicalFormAndSetsTheirOrder) {
  EXPECT_EQ(there_and_back(R"({"N":"+1.50e1"})"), with(R"({"N":"15"})"));
  EXPECT_EQ(there_and_back(R"({"SS":["b","a"]})"), with(R"({"SS":["a","b"]})"));
  EXPECT_EQ(there_and_back(R"({"NS":["10","9.0"]})"), with(R"({"NS":["9","10"]})"));
  EXPECT_EQ(there_and_back(R"({"BS":["AQ==","AA=="]})"), with(R"({"BS":["AA==","AQ=="]})"));
}

TEST(ItemJson, AValueOfNoTypeOrTwoIsRefused) {
  EXPECT_THAT(there_and_back("{}"), HasSubstr("expected a type"));
  EXPECT_THAT(there_and_back(R"({"X":"1"})"), HasSubstr("none of S, N"));
  EXPECT_THAT(there_and_back(R"({"S":"1","N":"1"})"), HasSubstr("two types"));
}

TEST(ItemJson, AValueThatIsNotOfItsTypeIsRefused) {
  EXPECT_THAT(there_and_back(R"({"N":"1x"})"), HasSubstr("number"));
  EXPECT_THAT(there_and_back(R"({"B":"*"})"), HasSubstr("base64"));
  EXPECT_THAT(there_and_back(R"({"NULL":false})"), HasSubstr("NULL has to be true"));
  for (const char* value : {R"({"S":1})", R"({"N":1})", R"({"BOOL":"true"})", R"({"SS":"a"})", R"({"L":{}})",
                            R"({"M":[]})", R"({"SS":["a",1]})", R"({"L":["a"]})"}) {
    EXPECT_FALSE(item_from_json(with(value))) << value;
  }
}

TEST(ItemJson, ASetWithAnElementTwiceIsRefused) {
  for (const char* value :
       {R"({"SS":["a","b","a"]})", R"({"NS":["1","2","1.0"]})", R"({"BS":["AA==","AQ==","AA=="]})"}) {
    EXPECT_THAT(there_and_back(value), HasSubstr("twice")) << value;
  }
}

TEST(ItemJson, NestingEndsAtThirtyTwoLevels) {
  for (const auto& [open, close] : {std::pair{R"({"L":[)", "]}"}, std::pair{R"({"M":{"a":)", "}}"}}) {
    EXPECT_EQ(there_and_back(nested(open, close, 31)), with(nested(open, close, 31)));
    EXPECT_THAT(there_and_back(nested(open, close, 32)), HasSubstr("deeper than 32 levels")) << open;
  }
}

}  // namespace
}  // namespace loopstate::store
