// Items as lines of an export: what an import accepts of what the codec reads, and how it names a refusal.
#include "store/upkeep/item_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace loopstate::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string with(std::string_view value) {
  return R"({"pk":{"S":"p"},"sk":{"S":"s"},"a":)" + std::string(value) + "}";
}

// What an item of this text comes back as; the message if it was refused.
std::string there_and_back(std::string_view text) {
  const auto item = item_from_json(text);
  return item ? item_to_json(*item) : item.error().message;
}

std::string nested(std::string_view open, std::string_view close, int levels) {
  std::string text;
  for (int at = 0; at < levels; ++at) text += open;
  text += R"({"S":"x"})";
  for (int at = 0; at < levels; ++at) text += close;
  return text;
}

TEST(ItemJson, ComesBackAsItWas) {
  const auto line =
      with(R"({"M":{"a":{"L":[{"BOOL":true},{"N":"-12.5"},{"B":"AAEC/w=="}]},"b":{"NULL":true}}})");
  EXPECT_EQ(there_and_back(line), line);
}

TEST(ItemJson, ComesInTheOrderOfItsNamesWhateverTheOrderOfTheText) {
  EXPECT_EQ(there_and_back(R"( {"z":{"N":"1"}, "sk":{"S":"s"}, "a":{"S":"x"}, "pk":{"S":"p"}} )"),
            R"({"pk":{"S":"p"},"sk":{"S":"s"},"a":{"S":"x"},"z":{"N":"1"}})");
}

TEST(ItemJson, NamesTheAttributeThatIsWrongAndTheByteWhere) {
  EXPECT_THAT(there_and_back(with(R"({"N":"twelve"})")),
              AllOf(StartsWith("attribute a, byte 49: "), HasSubstr("\"twelve\" is not a number")));
  EXPECT_THAT(there_and_back(with("{}")), StartsWith("attribute a, byte 38: expected a type"));
}

TEST(ItemJson, NamesTheByteWhereTheTextIsNotJson) {
  EXPECT_THAT(there_and_back(with(R"({"S":"x"})") + "x"), StartsWith("byte 46: expected the end"));
  EXPECT_THAT(there_and_back("[]"), StartsWith("byte 1: expected an object"));
}

TEST(ItemJson, NamesThePartOfTheKeyThatIsNotAString) {
  EXPECT_EQ(there_and_back(R"({"sk":{"S":"s"}})"), "attribute pk is missing or not a string");
  EXPECT_EQ(there_and_back(R"({"pk":{"S":"p"},"sk":{"N":"1"}})"), "attribute sk is missing or not a string");
}

TEST(ItemJson, AnAttributeThatComesTwiceIsRefused) {
  EXPECT_THAT(there_and_back(R"({"pk":{"S":"p"},"sk":{"S":"s"},"a":{"N":"1"},"a":{"N":"1"}})"),
              HasSubstr("twice"));
}

TEST(ItemJson, WhatNoTableKeepsIsRefused) {
  EXPECT_THAT(there_and_back(with(R"({"SS":[]})")), HasSubstr("\"a\" is an empty set"));
  EXPECT_THAT(there_and_back(R"({"pk":{"S":""},"sk":{"S":"s"}})"), HasSubstr("\"pk\" has 0 bytes"));
}

TEST(ItemJson, NestingEndsAtThirtyTwoLevelsTheItemIncluded) {
  for (const auto& [open, close] : {std::pair{R"({"L":[)", "]}"}, std::pair{R"({"M":{"a":)", "}}"}}) {
    EXPECT_EQ(there_and_back(with(nested(open, close, 31))), with(nested(open, close, 31)));
    EXPECT_THAT(there_and_back(with(nested(open, close, 32))),
                AllOf(HasSubstr("\"a\""), HasSubstr("more than 32 levels deep")));
    EXPECT_THAT(there_and_back(with(nested(open, close, 100'000))),
                AllOf(StartsWith("attribute a, "), HasSubstr("deeper than")));
  }
}

}  // namespace
}  // namespace loopstate::store
