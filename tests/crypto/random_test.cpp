#include "crypto/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace loopstate::crypto {
namespace {

TEST(Random, NoTwoTextsAreAlikeAndEachIsAsLongAsAsked) {
  std::set<std::string> texts;
  for (int draw = 0; draw < 1000; ++draw) texts.insert(random_text(16));
  EXPECT_EQ(texts.size(), 1000u);
  EXPECT_EQ(random_text(1000).size(), 1000u);
  EXPECT_EQ(random_text(0), "");
}

}  // namespace
}  // namespace loopstate::crypto
