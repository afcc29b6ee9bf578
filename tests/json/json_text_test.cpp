#include "loopstate/json_text.hpp"

#include <gtest/gtest.h>

namespace loopstate {
namespace {

TEST(JsonText, IsNullByDefault) {
  EXPECT_EQ(JsonText().text(), "null");
}

TEST(JsonText, IsNullAfterItWasMovedFrom) {
  auto value = *JsonText::parse("\"a text that is longer than what a string stores inside itself\"");
  auto made = std::move(value);
  EXPECT_EQ(value.text(), "null");  // NOLINT(bugprone-use-after-move): what it is then
  EXPECT_NE(made.text(), "null");
  JsonText assigned;
  assigned = std::move(made);
  EXPECT_EQ(made.text(), "null");  // NOLINT(bugprone-use-after-move)
  EXPECT_NE(assigned.text(), "null");
  auto& itself = assigned;
  assigned = std::move(itself);
  EXPECT_NE(assigned.text(), "null");
}

TEST(JsonText, IsNotMadeOfUncheckedText) {
  static_assert(!std::is_constructible_v<JsonText, std::string>);
  static_assert(!std::is_constructible_v<JsonText, const char*>);
}

TEST(JsonText, KeepsEveryDigitAndDropsSurroundingSpace) {
  for (const auto text : {"18446744073709551615", "1e400", "1.10", "-0", "[1, 2.50]"}) {
    const auto value = JsonText::parse(" \n" + std::string(text) + "\t");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->text(), text);
  }
}

TEST(JsonText, SaysWhatIsWrongAndWhere) {
  const auto value = JsonText::parse("{\"a\": tru}");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(value.error().message, "not valid JSON at byte 6: expected true");
}

TEST(JsonText, RefusesWhatFollowsTheValue) {
  EXPECT_FALSE(JsonText::parse("1 1"));
}

}  // namespace
}  // namespace loopstate
