#include "dax/lexicographic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dax/bytes.hpp"
#include "dax/vectors.hpp"
#include "table/number.hpp"

namespace loopstate::dax {

namespace {

std::string canonical(std::string_view text) {
  return table::parse_number(text).value().text;
}

table::Number random_number(std::mt19937& random) {
  const auto up_to = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  std::string text = up_to(1) == 0 ? "-" : "";
  for (int digits = 1 + up_to(37); digits > 0; --digits) text += static_cast<char>('0' + up_to(9));
  text += "E" + std::to_string(up_to(1) == 0 ? up_to(80) : -up_to(120));
  return table::parse_number(text).value();
}

}  // namespace

TEST(DaxLexicographicTest, IsWhatTheOfficialClientsWriteForPlainDigits) {
  int compared = 0;
  for (const json::View& vector : vectors("lexdecimal")) {
    const std::string text = dax::text(vector, "text");
    if (text == "1E2" || text == "1.0") continue;  // not spelled like any canonical number
    EXPECT_EQ(to_hex(lexicographic({canonical(text)})), dax::text(vector, "hex")) << text;
    ++compared;
  }
  EXPECT_EQ(compared, 33);
}

TEST(DaxLexicographicTest, AnySpellingIsReadAsTheNumber) {
  for (const json::View& vector : vectors("lexdecimal")) {
    const auto number = parse_lexicographic(from_hex(text(vector, "hex")));
    ASSERT_TRUE(number) << text(vector, "text");
    EXPECT_EQ(number->text, canonical(text(vector, "text")));
  }
  EXPECT_EQ(parse_lexicographic(from_hex("7f"))->text, "0");
}

TEST(DaxLexicographicTest, SortsAsTheNumbersDoAndComesBack) {
  std::mt19937 random(20261127);
  std::vector<table::Number> numbers;
  for (int count = 0; count < 3000; ++count) numbers.push_back(random_number(random));
  std::ranges::sort(numbers, [](const auto& l, const auto& r) { return table::compare(l, r) < 0; });
  std::string before;
  for (const table::Number& number : numbers) {
    const std::string bytes = lexicographic(number);
    EXPECT_LE(before, bytes) << number.text;
    EXPECT_EQ(parse_lexicographic(bytes), number);
    before = bytes;
  }
}

TEST(DaxLexicographicTest, WhatIsNoneIsRefused) {
  for (const auto* const hex : {"", "00", "ff", "c1", "c1b2", "c1b200", "c1b2000000", "c1b20001", "fe8000",
                                "c1000000", "c1fffc00", "81000000001c0000", "feffffffff1c0000"}) {
    const auto number = parse_lexicographic(from_hex(hex));
    ASSERT_FALSE(number) << hex;
    EXPECT_EQ(number.error().code, ErrorCode::ProtocolError);
  }
  EXPECT_FALSE(parse_lexicographic("\xc1" + std::string(200, '\x55')));
}

}  // namespace loopstate::dax
