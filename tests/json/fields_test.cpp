#include "json/fields.hpp"

#include <gtest/gtest.h>

#include "loopstate/names.hpp"

namespace loopstate::json {
namespace {

Fields fields(std::string_view text) {
  return Fields(View(text));
}

constexpr std::string_view kSample =
    R"({"id":"p-1","count":7,"below":-3,"on":true,"none":null,"tags":["a","b"],"list":[{"id":"only"}],)"
    R"("money":{"amount":450,"code":"EUR","inner":{"rate":1.5}}})";

TEST(JsonFields, GivesWhatIsThereByItsType) {
  const auto document = fields(kSample);
  EXPECT_EQ(document.text("id"), "p-1");
  EXPECT_EQ(document.optional_text("id"), "p-1");
  EXPECT_EQ(document.unsigned_integer("count"), 7u);
  EXPECT_EQ(document.integer("below"), -3);
  EXPECT_EQ(document.find_bool("on"), true);
  EXPECT_EQ(document.optional_bool("on"), true);
  EXPECT_EQ(document.texts("tags", 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(document.object("money").text("code"), "EUR");
  EXPECT_EQ(document.find_only_object("list")->text("id"), "only");
  EXPECT_EQ(document.parsed<UserId>("id").text(), "p-1");
  EXPECT_TRUE(document.ok());
}

TEST(JsonFields, LookingForWhatIsNotThereIsNoProblem) {
  const auto document = fields(kSample);
  for (const auto* name : {"absent", "none", "count"}) {
    EXPECT_FALSE(document.find_text(name)) << name;
    EXPECT_FALSE(document.find_bool(name)) << name;
    EXPECT_FALSE(document.find_object(name)) << name;
    EXPECT_FALSE(document.find_only_object(name)) << name;
  }
  EXPECT_FALSE(document.find_only_object("tags"));
  EXPECT_FALSE(document.optional_text("absent"));
  EXPECT_FALSE(document.optional_bool("none"));
  EXPECT_FALSE(document.has("none"));
  EXPECT_TRUE(document.has("count"));
  EXPECT_TRUE(document.ok());
}

// The problem that one reading leaves.
std::string problem(auto read) {
  const auto document = fields(kSample);
  read(document);
  return document.ok() ? "" : document.problem().message();
}

TEST(JsonFields, AProblemNamesTheMemberAndWhatWasFound) {
  EXPECT_EQ(problem([](auto& d) { d.text("absent"); }), "absent is missing; expected a string");
  EXPECT_EQ(problem([](auto& d) { d.text("none"); }), "none is missing; expected a string");
  EXPECT_EQ(problem([](auto& d) { d.text("count"); }), "count is a number; expected a string");
  EXPECT_EQ(problem([](auto& d) { d.optional_text("on"); }), "on is a boolean; expected a string");
  EXPECT_EQ(problem([](auto& d) { d.optional_bool("id"); }), "id is a string; expected a boolean");
  EXPECT_EQ(problem([](auto& d) { d.object("tags"); }), "tags is an array; expected an object");
  EXPECT_EQ(problem([](auto& d) { d.integer("id"); }), "id is a string; expected a whole number of 64 bits");
  EXPECT_EQ(problem([](auto& d) { d.texts("id", 9); }), "id is a string; expected an array of strings");
  EXPECT_EQ(problem([](auto& d) { d.texts("list", 9); }),
            "list has an element that is an object; expected a string");
}

TEST(JsonFields, AValueOutOfItsBoundsIsAProblemThatDoesNotRepeatIt) {
  EXPECT_EQ(problem([](auto& d) { d.unsigned_integer("below", 9); }), "below is not an integer from 0 to 9");
  EXPECT_EQ(problem([](auto& d) { d.unsigned_integer("count", 6); }), "count is not an integer from 0 to 6");
  EXPECT_EQ(problem([](auto& d) { d.texts("tags", 1); }), "tags has more than 1 elements");
  EXPECT_EQ(problem([](auto& d) { d.object("money").object("inner").integer("rate"); }),
            "money.inner.rate is not a whole number of 64 bits");
  EXPECT_EQ(problem([](auto& d) { d.template parsed<UserId>("id", ""); }),
            "id cannot be used: " + UserId::parse("").error().message);
}

TEST(JsonFields, TheFirstProblemOfTheWholeDocumentIsKept) {
  const auto document = fields(kSample);
  const auto money = document.object("money");
  EXPECT_EQ(money.text("amount"), "");
  EXPECT_FALSE(document.ok());
  document.text("absent");
  document.wrong("id", "is of another shop");
  money.integer("code");
  EXPECT_EQ(document.problem().field, "money.amount");
  EXPECT_EQ(money.problem().message(), "money.amount is a number; expected a string");
}

TEST(JsonFields, WhatIsMissingIsEmptyAndReadingGoesOn) {
  const auto document = fields(kSample);
  const auto absent = document.object("absent");
  EXPECT_EQ(absent.object("deeper").text("id"), "");
  EXPECT_EQ(absent.integer("count"), 0);
  EXPECT_EQ(absent.unsigned_integer("count"), 0u);
  EXPECT_TRUE(absent.texts("tags", 9).empty());
  EXPECT_EQ(absent.parsed<UserId>("id").text(), "");
  EXPECT_EQ(document.problem().message(), "absent is missing; expected an object");
}

TEST(JsonFields, WhatIsNoObjectHasNoMembers) {
  for (const auto* text : {"[]", "7", "null", "\"id\""}) {
    const auto document = fields(text);
    EXPECT_FALSE(document.has("id")) << text;
    EXPECT_TRUE(document.ok()) << text;
  }
}

}  // namespace
}  // namespace loopstate::json
