#include "aws/error_name.hpp"

#include <gtest/gtest.h>

namespace loopstate::aws {
namespace {

TEST(ErrorName, IsWhatTheTypeHasWithoutItsNamespaceAndItsAddress) {
  EXPECT_EQ(error_name("Throttling"), "Throttling");
  EXPECT_EQ(error_name("com.amazonaws.dynamodb.v20120810#Throttling"), "Throttling");
  EXPECT_EQ(error_name("Throttling:http://internal.amazon.com/coral/"), "Throttling");
  EXPECT_EQ(error_name("com.amazon.coral#Throttling:http://internal.amazon.com/#coral"), "Throttling");
  EXPECT_EQ(error_name(""), "");
}

}  // namespace
}  // namespace loopstate::aws
