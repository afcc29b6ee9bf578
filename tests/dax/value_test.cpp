#include "dax/value.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "table/number.hpp"

namespace loopstate::dax {

using table::Value;

namespace {

std::string written(const Value& value) {
  std::string out;
  append_value(out, value);
  return to_hex(out);
}

Value read_back(std::string_view hex) {
  const std::string bytes = from_hex(hex);
  cbor::Reader reader(bytes);
  Value value;
  std::size_t values_left = 1000;
  EXPECT_TRUE(read_value(reader, value, values_left) && reader.finish()) << hex << ": " << reader.problem();
  return value;
}

std::string refused(std::string_view hex) {
  const std::string bytes = from_hex(hex);
  cbor::Reader reader(bytes);
  Value value;
  std::size_t values_left = 1000;
  return read_value(reader, value, values_left) ? "" : reader.problem();
}

Value number(std::string_view text) {
  return table::parse_number(text).value();
}

Value nested_lists(int levels) {
  Value value = table::List();
  for (int level = 1; level < levels; ++level) value = table::List{std::move(value)};
  return value;
}

}  // namespace

TEST(DaxValueTest, EveryTypeIsWrittenAsItsFormAndComesBack) {
  const std::pair<Value, const char*> values[] = {
      {"", "60"},
      {"a", "6161"},
      {number("1.5"), "c482200f"},
      {table::Binary{std::string("\x01\x00", 2)}, "420100"},
      {Value::boolean(true), "f5"},
      {Value::boolean(false), "f4"},
      {table::Null(), "f6"},
      {table::StringSet{{"b", "a"}}, "d90cf98261616162"},
      {table::NumberSet{{{"10"}, {"-1"}}}, "d90cfa82200a"},
      {table::BinarySet{{{"\x02"}, {"\x01"}}}, "d90cfb8241014102"},
      {table::List{"a", Value::number(std::int64_t{1}), table::List()}, "8361610180"},
      {table::Map{{"y", "1"}, {"x", table::Map()}}, "a26178a061796131"}};
  for (const auto& [value, hex] : values) {
    EXPECT_EQ(written(value), hex);
    EXPECT_EQ(read_back(hex), value) << hex;
  }
}

TEST(DaxValueTest, ContainersOfNoStatedLengthReadTheSame) {
  EXPECT_EQ(read_back("9f 6161 01 9fff ff"), read_back("83 6161 01 80"));
  EXPECT_EQ(read_back("bf 6179 6131 6178 bfff ff"), read_back("a2 6178 a0 6179 6131"));
  EXPECT_EQ(read_back("d90cf9 9f 6161 ff"), read_back("d90cf9 81 6161"));
}

TEST(DaxValueTest, NumbersInsideAreCanonicalAndSetsAndMapsSorted) {
  EXPECT_EQ(read_back("82 c482211896 fb3ff8000000000000"),
            (Value(table::List{number("1.5"), number("1.5")})));
  EXPECT_EQ(written(read_back("d90cfa 82 02 01")), "d90cfa820102");
  EXPECT_EQ(written(read_back("a2 6162 01 6161 02")), "a2616102616201");
}

TEST(DaxValueTest, ASetIsNeitherEmptyNorHasAnElementTwice) {
  EXPECT_TRUE(refused("d90cf9 80").starts_with("a set without an element"));
  EXPECT_TRUE(refused("d90cf9 82 6161 6161").starts_with("a set with an element twice"));
  EXPECT_TRUE(refused("d90cfa 82 01 c48200 01").starts_with("a set with an element twice"));
  EXPECT_NE(refused("d90cf9 81 01"), "");
  EXPECT_NE(refused("d90cfa 81 6131"), "");
  EXPECT_NE(refused("d90cfb 81 6131"), "");
}

TEST(DaxValueTest, AMapHasANameOnce) {
  EXPECT_TRUE(refused("a2 6161 01 6161 02").starts_with("a map with a name twice"));
  EXPECT_NE(refused("a1 01 01"), "");
}

TEST(DaxValueTest, ListsAndMapsNestAsDeepAsInAnItemAndNoDeeper) {
  EXPECT_EQ(read_back(written(nested_lists(31))), nested_lists(31));
  EXPECT_TRUE(refused(written(nested_lists(32))).starts_with("lists and maps nested too deeply"));
}

TEST(DaxValueTest, OnlySoManyValuesAreMadeWhereverTheyAre) {
  for (const auto* const hex : {"82 01 02", "a2 6161 01 6162 02", "d90cfa 82 01 02", "d90cf9 82 6161 6162",
                                "d90cfb 82 4101 4102", "81 81 01"}) {
    const std::string bytes = from_hex(hex);
    for (std::size_t most = 0; most <= 3; ++most) {
      cbor::Reader reader(bytes);
      Value value;
      std::size_t values_left = most;
      EXPECT_EQ(read_value(reader, value, values_left), most == 3) << hex << " " << most;
      EXPECT_EQ(values_left, 0u);
    }
  }
}

TEST(DaxValueTest, WhatIsNoValueIsRefused) {
  for (const auto* const hex :
       {"", "ff", "d90cfc01", "c0 6161", "f7", "5f4100ff", "62c328", "8201", "a16161", "f97e00",
        "9b00000000ffffffff", "d90cf99b00000000ffffffff", "bb00000000ffffffff"}) {
    EXPECT_NE(refused(hex), "") << hex;
  }
}

}  // namespace loopstate::dax
