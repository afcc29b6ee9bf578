#include "base/try.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "loopstate/error.hpp"

namespace loopstate {
namespace {

Result<std::unique_ptr<std::string>> text_or_error(bool fails) {
  if (fails) return fail(ErrorCode::NotFound, "no text", true);
  return std::make_unique<std::string>("text");
}

Result<std::string> twice(bool first_fails, bool second_fails) {
  TRY(auto first, text_or_error(first_fails));
  TRY(const auto second, text_or_error(second_fails));
  return *first + *second;
}

TEST(Try, NamesTheValueAndMovesIt) {
  EXPECT_EQ(twice(false, false), "texttext");
}

TEST(Try, ReturnsTheWholeError) {
  for (const auto& answer : {twice(true, false), twice(false, true)}) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::NotFound);
    EXPECT_EQ(answer.error().message, "no text");
    EXPECT_TRUE(answer.error().retryable);
  }
}

Result<std::string> through_a_reference(Result<std::string> given) {
  TRY(auto&& text, given);
  text += '!';
  return text;
}

TEST(Try, AReferenceNamesTheValueWhereItStands) {
  EXPECT_EQ(through_a_reference("text"), "text!");
}

Result<int> check_all(bool checks, Result<void> checked) {
  if (checks) {
    TRY_OK(checked);
    return 1;
  }
  return 2;
}

TEST(Try, TheFormWithoutAValueGoesOnOrEnds) {
  EXPECT_EQ(check_all(true, {}), 1);
  EXPECT_EQ(check_all(false, fail(ErrorCode::Internal, "not looked at")), 2);
  const auto refused = check_all(true, fail(ErrorCode::ScopeDenied, "no"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::ScopeDenied);
}

}  // namespace
}  // namespace loopstate
