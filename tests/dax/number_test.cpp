#include "dax/number.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "dax/vectors.hpp"
#include "table/number.hpp"

namespace loopstate::dax {

namespace {

std::string written(std::string_view number) {
  std::string out;
  append_number(out, table::parse_number(number).value());
  return to_hex(out);
}

/// The number's text, or what is wrong with it.
std::string read(std::string_view hex) {
  const std::string bytes = from_hex(hex);
  cbor::Reader reader(bytes);
  table::Number number;
  if (!read_number(reader, number) || !reader.finish()) return "refused: " + reader.problem();
  return number.text;
}

/// Texts that our canonical form never has: the official clients write them as they are spelled.
bool is_spelled_otherwise(const std::string& text) {
  const std::string canonical = table::parse_number(text).value().text;
  const bool is_short_form = canonical.size() > 38 && text.find('E') != std::string::npos;
  return canonical != text && !is_short_form;
}

}  // namespace

TEST(DaxNumberTest, AreWrittenAsTheOfficialClientsWriteThem) {
  int compared = 0;
  for (const json::View& vector : vectors("numbers")) {
    if (is_spelled_otherwise(text(vector, "text"))) continue;
    EXPECT_EQ(written(text(vector, "text")), text(vector, "python")) << text(vector, "text");
    EXPECT_EQ(written(text(vector, "text")), text(vector, "go")) << text(vector, "text");
    ++compared;
  }
  EXPECT_GE(compared, 25);
}

TEST(DaxNumberTest, EveryFormThatAClientWritesIsReadAsTheSameCanonicalNumber) {
  EXPECT_EQ(vectors("numbers").size(), 40u);
  for (const json::View& vector : vectors("numbers")) {
    const std::string canonical = table::parse_number(text(vector, "text")).value().text;
    for (const auto* const client : {"python", "js", "go"}) {
      EXPECT_EQ(read(text(vector, client)), canonical) << client << " " << text(vector, "text");
    }
  }
}

TEST(DaxNumberTest, All38DigitsComeBack) {
  const std::string texts[] = {
      "99999999999999999999999999999999999999", "-99999999999999999999999999999999999999",
      "0.12345678901234567890123456789012345678", "-1234567890123456789.0123456789012345678",
      "12345678901234567890123456789012345678" + std::string(88, '0')};
  for (const std::string& text : texts) EXPECT_EQ(read(written(text)), text);
}

TEST(DaxNumberTest, TheSmallestAndTheGreatestMagnitudesComeBack) {
  for (const auto* const text :
       {"1E-130", "-1E-130", "9.9999999999999999999999999999999999999E125", "-1E125"}) {
    EXPECT_EQ(read(written(text)), table::parse_number(text).value().text);
  }
}

TEST(DaxNumberTest, ANumberOfManyZerosIsShort) {
  EXPECT_EQ(written("1" + std::string(125, '0')), "c482187d01");
}

TEST(DaxNumberTest, AZeroIsOneWhateverItIsWrittenWith) {
  for (const auto* const zero : {"00", "c240", "c2420000", "c4820000", "c482187d00", "c4823903e700",
                                 "fb8000000000000000", "fa00000000", "f98000"}) {
    EXPECT_EQ(read(zero), "0") << zero;
  }
}

TEST(DaxNumberTest, FloatsOfAnySizeAreReadAsTheirShortestText) {
  EXPECT_EQ(read("f93e00"), "1.5");
  EXPECT_EQ(read("f90001"), "0.00000005960464477539063");
  EXPECT_EQ(read("fabfc00000"), "-1.5");
  EXPECT_EQ(read("fb3fb999999999999a"), "0.1");
  EXPECT_EQ(read("fb44b52d02c7e14af6"), "100000000000000000000000");
}

TEST(DaxNumberTest, WhatIsNoNumberOfTheServiceIsRefused) {
  EXPECT_EQ(read("f97e00"), "refused: a float that is not a number at byte 3");
  EXPECT_EQ(read("fb7ff0000000000000"), "refused: a float that is not a number at byte 9");
  EXPECT_TRUE(read("c25103b2f4f0c0f0c0f0c0f0c0f0c0f0c0f0c1").starts_with("refused: a number has"));
  EXPECT_TRUE(read("c482187e01").starts_with("refused: a number's magnitude"));
  EXPECT_TRUE(read("c4821b7fffffffffffffff01").starts_with("refused: a number's magnitude"));
  EXPECT_TRUE(read("c4823b7fffffffffffffff01").starts_with("refused: a number's magnitude"));
  EXPECT_TRUE(read("c25850" + std::string(160, 'f')).starts_with("refused: an integer of 80 bytes"));
  EXPECT_TRUE(read("c483010101").starts_with("refused: expected an array of 2"));
  EXPECT_TRUE(read("c4820161"
                   "31")
                  .starts_with("refused: expected a tag"));
  EXPECT_TRUE(read("c500").starts_with("refused: expected a number, found tag 5"));
  EXPECT_TRUE(read("c4820"
                   "1c4820101")
                  .starts_with("refused: expected a number, found tag 4"));
}

}  // namespace loopstate::dax
