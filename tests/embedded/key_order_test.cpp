// Keys are in the order of their bytes.
#include "embedded/key_order.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace loopstate::embedded {
namespace {

int sign(int number) {
  return (number > 0) - (number < 0);
}

TEST(KeyOrder, IsThatOfTheirBytesForEveryLengthAndPlaceOfTheFirstDifference) {
  std::mt19937 random(7);  // NOLINT: the same each time
  const auto text = [&](std::size_t length) {
    std::string out(length, '\0');
    // Few different bytes, so that many are the same, and those beside the sign bit.
    for (char& c : out) c = "\x00\x01\x7f\x80\xff"[random() % 5];
    return out;
  };
  for (std::size_t length = 0; length <= 40; ++length) {
    for (std::size_t other = 0; other <= 40; ++other) {
      for (std::size_t common = 0; common <= std::min(length, other); ++common) {
        const std::string begin = text(common);
        const std::string one = begin + text(length - common), two = begin + text(other - common);
        ASSERT_EQ(sign(key_order::compare(one, two)), sign(one.compare(two)))
            << length << " " << other << " " << common;
      }
    }
  }
}

}  // namespace
}  // namespace loopstate::embedded
