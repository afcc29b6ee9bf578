#include "embedded/encoding.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "embedded/expiry_index.hpp"
#include "embedded/item_key.hpp"
#include "embedded/seed.hpp"
#include "table/number.hpp"
#include "times.hpp"

namespace loopstate::embedded {
namespace {

using table::Attributes;
using table::Value;

table::Number number(std::string text) {
  return table::parse_number(text).value();
}

Attributes everything() {
  return {{"b", Value(table::Binary{std::string("\0\xFF", 2)})},
          {"bs", Value(table::BinarySet{{{"a"}, {"b"}}})},
          {"f", Value::boolean(false)},
          {"l", Value(table::List{Value("x"), Value::number(std::int64_t{-7}), Value(table::List{})})},
          {"m", Value(table::Map{{"inner", Value(table::Map{{"deep", Value(table::Null{})}})}})},
          {"n", Value(number("12345678901234567890.123456789"))},
          {"ns", Value(table::NumberSet{{number("1"), number("2")}})},
          {"s", Value(std::string(70'000, 'x'))},
          {"ss", Value(table::StringSet{{"a", "b"}})},
          {"t", Value::boolean(true)},
          {"z", Value(std::string())}};
}

TEST(Encoding, EveryTypeComesBack) {
  const auto decoded = decode(encode(everything()));
  ASSERT_TRUE(decoded) << decoded.error().reason;
  EXPECT_EQ(*decoded, everything());
}

TEST(Encoding, NumbersOfEverySizeComeBack) {
  for (const char* text : {"0", "-1", "1e125", "9.9e125", "1e-130", "-1e-130", "0.5", "-0.5", "1e38", "1e40",
                           "99999999999999999999999999999999999999"}) {
    const Attributes attributes{{"n", Value(number(text))}};
    const auto decoded = decode(encode(attributes));
    ASSERT_TRUE(decoded) << text << ": " << decoded.error().reason;
    EXPECT_EQ(*decoded, attributes);
  }
}

/// The bytes that docs/embedded-format.md gives as its example.
TEST(Encoding, IsTheDocumentedOne) {
  const Attributes attributes{{"ids", Value(table::List{Value("a"), Value("bc")})},
                              {"n", Value::number(std::int64_t{-12})},
                              {"ok", Value::boolean(true)}};
  const std::string expected =
      "\x01\x03\x03ids\x0a\x02\x01\x01"
      "a\x01\x02"
      "bc\x01n\x02\x03-12\x02ok\x04";
  EXPECT_EQ(encode(attributes), expected);
}

TEST(Encoding, AnotherVersionIsRefused) {
  std::string bytes = encode(everything());
  bytes[0] = 2;
  ASSERT_FALSE(decode(bytes));
  EXPECT_STREQ(decode(bytes).error().reason, "its encoding has an unknown version");
}

TEST(Encoding, EveryCutIsNoticed) {
  const std::string bytes = encode(everything()).substr(0);
  for (std::size_t length = 0; length < bytes.size(); length += length < 200 || length > 69'000 ? 1 : 997) {
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, length))) << length;
  }
  EXPECT_FALSE(decode(bytes + "x"));
}

TEST(Encoding, NestsAsDeepAsAllowedAndNoDeeper) {
  Value nested(table::List{});
  for (int depth = 1; depth < kMaxDepth; ++depth) nested = Value(table::List{std::move(nested)});
  EXPECT_TRUE(decode(encode({{"l", nested}})));
  EXPECT_FALSE(decode(encode({{"l", Value(table::List{nested})}})));
}

TEST(Encoding, DamagedBytesNeverCrash) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={}", seed));
  std::mt19937_64 random(seed);
  Attributes attributes = everything();
  attributes.set("s", Value("short"));
  const std::string whole = encode(attributes);
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (std::uint64_t change = 0; change <= random() % 4; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto decoded = decode(bytes);
    if (decoded) {
      EXPECT_EQ(decode(encode(*decoded)), *decoded);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000u);
}

TEST(Encoding, AForgedCountReservesLittle) {
  // A list that claims as many elements as there are bytes after it, which are not elements.
  std::string bytes("\x01\x01\x01l\x0a", 5);
  bytes += "\xff\xff\x3f";
  bytes += std::string(1'100'000, '\x7f');
  EXPECT_FALSE(decode(bytes));
}

TEST(ItemKey, SplitsWhereItWasJoined) {
  const auto bytes = encode_key({"USER#a", "CONTEXT"});
  ASSERT_TRUE(bytes);
  EXPECT_EQ(decode_key(*bytes), (table::Key{"USER#a", "CONTEXT"}));
  LookupKey lookup;
  ASSERT_TRUE(lookup.set({"USER#a", "CONTEXT"}));
  EXPECT_EQ(lookup.bytes(), *bytes);
}

TEST(ItemKey, APartThatCouldNotBeSplitAgainIsRefused) {
  for (const table::Key& key :
       {table::Key{"", "s"}, table::Key{"p", ""}, table::Key{std::string("p\0q", 3), "s"},
        table::Key{"p", std::string("\0", 1)}, table::Key{std::string(400, 'p'), std::string(111, 's')}}) {
    const auto bytes = encode_key(key);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, ErrorCode::InvalidArgument);
  }
}

TEST(ExpiresAt, IsTheFirstSecondAtWhichTheItemIsGone) {
  const auto second = [](const char* text) { return expires_at({{"ttl", Value(number(text))}}); };
  EXPECT_EQ(second("1700000000"), from_unix_seconds(1'700'000'000));
  EXPECT_EQ(second("0"), from_unix_seconds(0));
  EXPECT_EQ(second("10.5"), from_unix_seconds(11));
  EXPECT_EQ(second("-10.5"), from_unix_seconds(-10));
  EXPECT_EQ(second("0.000001"), from_unix_seconds(1));
  EXPECT_EQ(second("1e-60"), from_unix_seconds(1));
  EXPECT_EQ(second("-1e-60"), from_unix_seconds(0));
  EXPECT_EQ(second("1e60"), std::nullopt);
  EXPECT_EQ(second("-1e60"), Timestamp::min());
  EXPECT_EQ(second("9223372036854775807"), Timestamp::max());
  EXPECT_EQ(second("9223372036854775807.5"), std::nullopt);
  EXPECT_EQ(second("9223372036854775808"), std::nullopt);
  EXPECT_EQ(expires_at({{"ttl", Value("1700000000")}}), std::nullopt);
  EXPECT_EQ(expires_at({}), std::nullopt);
}

}  // namespace
}  // namespace loopstate::embedded
