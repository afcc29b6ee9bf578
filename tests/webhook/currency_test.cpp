#include "webhook/currency.hpp"

#include <gtest/gtest.h>

#include "webhook/stripe_amount.hpp"

namespace loopstate::webhook {
namespace {

std::optional<std::uint64_t> value_of(std::string_view number, unsigned exponent) {
  const auto amount = parse_amount(number, exponent);
  if (!amount) return std::nullopt;
  return amount->value;
}

TEST(CurrencyCode, IsThreeLettersInUpperCase) {
  EXPECT_EQ(currency_of("eur"), Currency{"EUR"});
  EXPECT_EQ(currency_of("Usd"), Currency{"USD"});
  for (const auto text : {"", "EU", "EURO", "E1R", "E R", "\xC3\x84U"})
    EXPECT_FALSE(currency_of(text)) << text;
}

TEST(ParseAmount, ScalesDecimalsExactly) {
  EXPECT_EQ(value_of("5.44", 2), 544u);
  EXPECT_EQ(value_of("100", 2), 10'000u);
  EXPECT_EQ(value_of("0.07", 2), 7u);
  EXPECT_EQ(value_of("1.1", 2), 110u);
  EXPECT_EQ(value_of("500", 0), 500u);
  EXPECT_EQ(value_of("1.234", 3), 1'234u);
  EXPECT_EQ(value_of("1.2345", 4), 12'345u);
  EXPECT_EQ(value_of("19.99", 2), 1'999u);  // 1998 if it goes through a double and is truncated
  EXPECT_EQ(value_of("1.15", 2), 115u);
}

TEST(ParseAmount, TakesEveryFormOfAJsonNumber) {
  EXPECT_EQ(value_of("5.4400", 2), 544u);
  EXPECT_EQ(value_of("500.00", 0), 500u);
  EXPECT_EQ(value_of("5e2", 0), 500u);
  EXPECT_EQ(value_of("5.44E+2", 0), 544u);
  EXPECT_EQ(value_of("544e-2", 2), 544u);
  EXPECT_EQ(value_of("0", 2), 0u);
  EXPECT_EQ(value_of("0.000", 2), 0u);
  EXPECT_EQ(value_of("0e999", 2), 0u);
}

TEST(ParseAmount, TellsWhatIsBelowZero) {
  EXPECT_TRUE(parse_amount("-5.44", 2)->negative);
  EXPECT_EQ(value_of("-5.44", 2), 544u);
  EXPECT_FALSE(parse_amount("-0.00", 2)->negative);
  EXPECT_FALSE(parse_amount("5", 2)->negative);
}

TEST(ParseAmount, RefusesDigitsThatDoNotFitInsteadOfRounding) {
  EXPECT_FALSE(value_of("5.445", 2));
  EXPECT_FALSE(value_of("0.5", 0));
  EXPECT_FALSE(value_of("1.2345", 3));
  EXPECT_FALSE(value_of("1e-3", 2));
  EXPECT_EQ(parse_amount("5.445", 2).error(), "has more than the 2 decimal digits of its currency");
}

TEST(ParseAmount, KeepsEveryDigitOf64BitsAndRefusesMore) {
  EXPECT_EQ(value_of("9007199254740993", 0), 9'007'199'254'740'993u);  // no double holds it
  EXPECT_EQ(value_of("18446744073709551615", 0), UINT64_MAX);
  EXPECT_EQ(value_of("184467440737095516.15", 2), UINT64_MAX);
  EXPECT_FALSE(value_of("18446744073709551616", 0));
  EXPECT_FALSE(value_of("184467440737095516.16", 2));
  EXPECT_FALSE(value_of("1e20", 0));
  EXPECT_FALSE(value_of("1e9999", 0));
  EXPECT_FALSE(value_of(std::string(101, '1'), 0));
}

TEST(ParseAmount, RefusesWhatIsNoNumber) {
  for (const auto text : {"", "-", "+1", "01", ".5", "5.", "1e", "1e+", "1e99999", "0x10", "1,5", " 1", "1 ",
                          "NaN", "Infinity", "1.2.3", "--1"}) {
    EXPECT_FALSE(value_of(text, 2)) << text;
  }
}

TEST(AmountFromStripe, DropsTheTwoDecimalsOfIskAndUgx) {
  EXPECT_EQ(amount_from_stripe(500, "UGX"), 5u);
  EXPECT_EQ(amount_from_stripe(120'000, "ISK"), 1'200u);
  EXPECT_FALSE(amount_from_stripe(501, "UGX"));
  EXPECT_FALSE(amount_from_stripe(150, "ISK"));
}

TEST(AmountFromStripe, GivesMgaTheTwoDecimalsOfIso4217) {
  EXPECT_EQ(amount_from_stripe(500, "MGA"), 50'000u);
  EXPECT_FALSE(amount_from_stripe(UINT64_MAX / 100 + 1, "MGA"));
}

TEST(AmountFromStripe, LeavesEveryOtherCurrencyAsItIs) {
  for (const auto code : {"EUR", "JPY", "KRW", "KWD", "HUF", "TWD", "XPF"}) {
    EXPECT_EQ(amount_from_stripe(501, *Currency::parse(code)), 501u) << code;
  }
}

}  // namespace
}  // namespace loopstate::webhook
