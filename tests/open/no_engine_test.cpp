// This program is linked with no engine at all.
#include <gtest/gtest.h>

#include "open/engine.hpp"

namespace loopstate::engines {
namespace {

TEST(NoEngine, EveryStoreIsRefused) {
  for (const auto* name : {"embedded", "dynamodb"}) {
    const auto found = find_engine(std::string(name) + ":orders");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(found.error().message.ends_with(std::string("component ") + name)) << found.error().message;
  }
  const auto other = find_engine("redis:6379");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message,
            "the store is \"redis:6379\", but this program is linked without any of loopstate's engines");
}

TEST(NoEngine, NoFileIsOfAStore) {
  EXPECT_FALSE(is_file_of_a_store("/proc/self/exe"));
}

}  // namespace
}  // namespace loopstate::engines
