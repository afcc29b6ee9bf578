#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include "crypto/equal.hpp"
#include "crypto/random.hpp"

namespace loopstate::crypto {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, MatchesThePublishedVectors) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  const std::string_view parts[] = {"a", "", "bc"};
  EXPECT_EQ(sha256(parts), sha256("abc"));
}

TEST(Sha256, BeginsAnewAfterFinish) {
  Sha256 hash;
  hash.update("other");
  hash.finish();
  hash.update("a");
  hash.update("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Hex, ReadsBackWhatItWrote) {
  const auto digest = sha256("abc");
  EXPECT_EQ(digest_from_hex(hex(digest)), digest);
}

TEST(Hex, TakesBothCasesAndNothingElse) {
  const std::string good(64, 'a');
  EXPECT_TRUE(digest_from_hex(good));
  EXPECT_EQ(digest_from_hex(std::string(64, 'A')), digest_from_hex(good));
  EXPECT_FALSE(digest_from_hex(good.substr(1)));
  EXPECT_FALSE(digest_from_hex(good + "a"));
  for (const char bad : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xff'}) {
    auto text = good;
    text[63] = bad;
    EXPECT_FALSE(digest_from_hex(text)) << static_cast<int>(bad);
  }
}

TEST(ConstantTimeEqual, ComparesLengthAndContent) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
  EXPECT_FALSE(constant_time_equal("", "a"));
}

TEST(RandomBytes, DifferEachTime) {
  EXPECT_EQ(random_text(0), "");
  EXPECT_EQ(random_text(32).size(), 32u);
  EXPECT_NE(random_text(32), random_text(32));
}

}  // namespace
}  // namespace loopstate::crypto
