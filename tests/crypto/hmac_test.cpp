#include "crypto/hmac.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace loopstate::crypto {
namespace {

// RFC 4231.
TEST(HmacSha256, MatchesThePublishedVectors) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, OfPartsIsThatOfTheWhole) {
  const std::string_view parts[] = {"what do ya want ", "", "for nothing?"};
  EXPECT_EQ(hmac_sha256("Jefe", parts), hmac_sha256("Jefe", "what do ya want for nothing?"));
}

TEST(HmacSha256, AnEmptyKeyIsNotTheKeyBefore) {
  const auto expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(hex(hmac_sha256("", "")), expected);
  hmac_sha256("Jefe", "x");
  EXPECT_EQ(hex(hmac_sha256("", "")), expected);
  EXPECT_EQ(hex(hmac_sha256(std::string_view(), std::string_view())), expected);
}

TEST(HmacSha256, IsTheSameOnEveryThread) {
  const auto here = hmac_sha256("key", "text");
  Digest there{};
  std::thread([&] { there = hmac_sha256("key", "text"); }).join();
  EXPECT_EQ(here, there);
}

}  // namespace
}  // namespace loopstate::crypto
