// This program is linked with the embedded engine alone.
#include <gmock/gmock.h>

#include "open/engine.hpp"

namespace loopstate::engines {
namespace {

using testing::HasSubstr;

std::string refusal_of(std::string_view url) {
  const auto found = find_engine(url);
  if (found) return "found";
  EXPECT_EQ(found.error().code, ErrorCode::InvalidArgument);
  return found.error().message;
}

TEST(OneEngine, IsFoundByItsScheme) {
  const auto found = find_engine("embedded:./shop.db");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, "./shop.db");
}

TEST(OneEngine, AStoreOfAnEngineThatIsNotLinkedIsRefusedByTheNameOfTheComponent) {
  EXPECT_EQ(refusal_of("dynamodb:orders"),
            "the store is \"dynamodb:orders\", but this program is linked without loopstate's component "
            "dynamodb");
}

TEST(OneEngine, AnotherSchemeIsRefusedWithThoseThatAreServed) {
  EXPECT_EQ(refusal_of("redis:6379"), "the store is \"redis:6379\"; embedded:PATH is expected");
  EXPECT_EQ(refusal_of("embedded"), "the store is \"embedded\"; embedded:PATH is expected");
  EXPECT_THAT(refusal_of(""), HasSubstr("embedded:PATH is expected"));
}

TEST(OneEngine, KnowsTheNameOfTheOther) {
  const auto known = known_engines();
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[0].name, "embedded");
  EXPECT_NE(known[0].engine, nullptr);
  EXPECT_EQ(known[1].name, "dynamodb");
  EXPECT_EQ(known[1].engine, nullptr);
}

}  // namespace
}  // namespace loopstate::engines
