#include "loopstate/error.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace loopstate {
namespace {

Result<int> refused() {
  return fail(ErrorCode::Throttled, "the store asks for less load", true);
}

TEST(OrThrow, HandsOnTheValueOfACallThatSucceeded) {
  EXPECT_EQ(or_throw(Result<int>(7)), 7);
  EXPECT_EQ(*or_throw(Result<std::unique_ptr<int>>(std::make_unique<int>(7))), 7);
  EXPECT_NO_THROW(or_throw(Result<void>{}));
}

TEST(OrThrow, ThrowsTheErrorOfACallThatFailedWithCodeAndMessageKept) {
  try {
    or_throw(refused());
    FAIL() << "nothing was thrown";
  } catch (const Exception& exception) {
    EXPECT_STREQ(exception.what(), "the store asks for less load");
    EXPECT_EQ(exception.code(), ErrorCode::Throttled);
    EXPECT_EQ(exception.error().message, "the store asks for less load");
    EXPECT_TRUE(exception.error().retryable);
  }
  EXPECT_THROW(or_throw(Result<void>(fail(ErrorCode::NotFound, "none"))), std::runtime_error);
}

TEST(OrThrow, ThrowsWhatIsCopiedWithoutThrowing) {
  static_assert(std::is_nothrow_copy_constructible_v<Exception>);
}

}  // namespace
}  // namespace loopstate
