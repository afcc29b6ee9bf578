#include "dynamodb/table_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace loopstate::dynamodb {

namespace {

std::string fixture() {
  std::ifstream file(LOOPSTATE_FIXTURES "/rust-sdk-table.json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::vector<std::string> found_in(const std::string& body) {
  const auto table = read_table_description(body);
  EXPECT_TRUE(table);
  return table ? differences(*table, "CardFingerprintIndex") : std::vector<std::string>();
}

}  // namespace

TEST(TableShape, TheRustCratesTableIsAsItShouldBe) {
  EXPECT_THAT(found_in(fixture()), testing::IsEmpty());
  EXPECT_TRUE(is_active(*read_table_description(fixture()), "CardFingerprintIndex"));
}

TEST(TableShape, AnotherKeyIsNamed) {
  EXPECT_THAT(found_in(replaced(fixture(), R"("AttributeName": "sk",
                "KeyType": "RANGE")",
                                R"("AttributeName": "range",
                "KeyType": "RANGE")")),
              testing::ElementsAre(testing::HasSubstr("range RANGE")));
}

TEST(TableShape, AMissingIndexIsNamed) {
  EXPECT_THAT(
      found_in(replaced(fixture(), "\"IndexName\": \"CardFingerprintIndex\"", "\"IndexName\": \"Other\"")),
      testing::ElementsAre(testing::HasSubstr("CardFingerprintIndex does not exist")));
}

TEST(TableShape, AnAttributeThatTheIndexLacksIsNamed) {
  EXPECT_THAT(found_in(replaced(fixture(), "\"card_last4\"", "\"other\"")),
              testing::ElementsAre(testing::HasSubstr("does not include card_last4")));
}

TEST(TableShape, ATableBeingCreatedIsNotActive) {
  const auto creating = read_table_description(
      replaced(fixture(), "\"TableStatus\": \"ACTIVE\"", "\"TableStatus\": \"CREATING\""));
  EXPECT_FALSE(is_active(*creating, "CardFingerprintIndex"));
  const auto filling = read_table_description(
      replaced(fixture(), "\"IndexStatus\": \"ACTIVE\"", "\"IndexStatus\": \"CREATING\""));
  EXPECT_FALSE(is_active(*filling, "CardFingerprintIndex"));
}

TEST(TableShape, AStronglyConsistentGlobalTableIsRecognised) {
  const auto table = read_table_description(
      replaced(fixture(), "\"TableName\"", R"("MultiRegionConsistency": "STRONG", "TableName")"));
  EXPECT_TRUE(table->strong_multi_region);
}

TEST(TableShape, TimeToLiveHasToBeOnOurAttribute) {
  const auto wrong = [](std::string_view status, std::string_view attribute) {
    return difference(*read_time_to_live(R"({"TimeToLiveDescription":{"TimeToLiveStatus":")" +
                                         std::string(status) + R"(","AttributeName":")" +
                                         std::string(attribute) + R"("}})"));
  };
  EXPECT_FALSE(wrong("ENABLED", "ttl"));
  EXPECT_FALSE(wrong("ENABLING", "ttl"));
  EXPECT_THAT(wrong("ENABLED", "expires").value_or(""), testing::HasSubstr("expires"));
  EXPECT_TRUE(wrong("DISABLED", ""));
}

TEST(TableShape, WhatWeCreateIsAsItShouldBe) {
  // A description has what a creation requests, in the same members.
  std::string body = R"({"Table":)" + create_table_body("t", "CardFingerprintIndex") + "}";
  EXPECT_THAT(found_in(body), testing::IsEmpty());
}

}  // namespace loopstate::dynamodb
