#include "dax/cbor_scanner.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"

namespace loopstate::dax::cbor {

using State = ValueScanner::State;

namespace {

constexpr std::size_t kBytesMax = 1000;

}  // namespace

TEST(CborScannerTest, AValueIsWholeAtItsLastByteAndNotBefore) {
  for (const auto* const hex :
       {"00", "1818", "3b8000000000000000", "4401020304", "83010203", "9f01ff", "a2000161619f00ff",
        "bf0001ff", "c482200f", "d90cf9816161", "fb3ff8000000000000", "9fbf008001a0ffff"}) {
    const std::string bytes = from_hex(hex);
    ValueScanner scanner(0, kBytesMax);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(scanner.scan(std::string_view(bytes).substr(0, size)), State::More) << hex << " " << size;
      EXPECT_GT(scanner.needed(), size);
      EXPECT_LE(scanner.needed(), bytes.size());
    }
    EXPECT_EQ(scanner.scan(bytes), State::Whole) << hex;
    EXPECT_EQ(scanner.end(), bytes.size());
  }
}

TEST(CborScannerTest, WhatComesBehindTheValueIsNotLookedAt) {
  const std::string bytes = from_hex("ff 820102 ff");
  ValueScanner scanner(1, kBytesMax);
  EXPECT_EQ(scanner.scan(bytes), State::Whole);
  EXPECT_EQ(scanner.end(), 4u);
}

TEST(CborScannerTest, AStringSaysHowMuchIsNeeded) {
  const std::string bytes = from_hex("590100 00");
  ValueScanner scanner(0, kBytesMax);
  EXPECT_EQ(scanner.scan(bytes), State::More);
  EXPECT_EQ(scanner.needed(), 259u);
}

TEST(CborScannerTest, WhatSaysThatItIsLongerThanAllowedIsBadAtOnce) {
  for (const auto* const hex :
       {"5903e9", "9903e9", "b903e9", "5bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff"}) {
    ValueScanner scanner(0, kBytesMax);
    EXPECT_EQ(scanner.scan(from_hex(hex)), State::Bad) << hex;
    EXPECT_NE(scanner.problem(), "");
  }
  ValueScanner scanner(0, kBytesMax);
  EXPECT_EQ(scanner.scan("\x9f" + std::string(kBytesMax, '\0')), State::Bad);
}

}  // namespace loopstate::dax::cbor
