#include "base/currency.hpp"

#include <gtest/gtest.h>

namespace loopstate {
namespace {

TEST(CurrencyExponent, IsThatOfIso4217) {
  EXPECT_EQ(currency_exponent("EUR"), 2u);
  EXPECT_EQ(currency_exponent("AED"), 2u);  // the first of the list
  EXPECT_EQ(currency_exponent("ZWL"), 2u);  // the last
  for (const auto code : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                          "VND", "VUV", "XAF", "XOF", "XPF"}) {
    EXPECT_EQ(currency_exponent(code), 0u) << code;
  }
  for (const auto code : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) {
    EXPECT_EQ(currency_exponent(code), 3u) << code;
  }
  EXPECT_EQ(currency_exponent("CLF"), 4u);
  EXPECT_EQ(currency_exponent("UYW"), 4u);
  EXPECT_EQ(currency_exponent("HUF"), 2u);
  EXPECT_EQ(currency_exponent("TWD"), 2u);
  EXPECT_EQ(currency_exponent("MGA"), 2u);
}

TEST(CurrencyExponent, OfAnythingElseIsNotGuessed) {
  for (const auto code : {"", "EU", "EURO", "eur", "XAU", "XXX", "AAA", "ZZZ", "BTC"}) {
    EXPECT_FALSE(currency_exponent(code)) << code;
  }
}

TEST(AmountText, IsWrittenAsTheCurrencyWritesIt) {
  EXPECT_EQ(amount_text(1250, "EUR"), "12.50 EUR");
  EXPECT_EQ(amount_text(5, "EUR"), "0.05 EUR");
  EXPECT_EQ(amount_text(0, "EUR"), "0.00 EUR");
  EXPECT_EQ(amount_text(1250, "JPY"), "1250 JPY");
  EXPECT_EQ(amount_text(1250, "KWD"), "1.250 KWD");
  EXPECT_EQ(amount_text(UINT64_MAX, "USD"), "184467440737095516.15 USD");
  EXPECT_EQ(amount_text(UINT64_MAX, "CLF"), "1844674407370955.1615 CLF");
}

TEST(AmountText, OfCurrenciesWhoseDigitsAreOftenGuessedWrong) {
  EXPECT_EQ(amount_text(500, "ISK"), "500 ISK");
  EXPECT_EQ(amount_text(500, "UGX"), "500 UGX");
  EXPECT_EQ(amount_text(500, "MGA"), "5.00 MGA");
  EXPECT_EQ(amount_text(12500, "CLF"), "1.2500 CLF");
  EXPECT_EQ(amount_text(500, "UYI"), "500 UYI");
  EXPECT_EQ(amount_text(12500, "UYW"), "1.2500 UYW");
}

TEST(AmountText, OfAnUnknownCurrencyIsTheBareNumber) {
  EXPECT_EQ(amount_text(1250, "QQQ"), "1250 QQQ");
}

TEST(Currency, IsThreeCapitalLetters) {
  EXPECT_EQ(Currency::parse("EUR")->text(), "EUR");
  for (const std::string_view text : {"", "EU", "eur", "EURO", "E\nR", "\xc3\x84U", "EU\0"}) {
    const auto refused = Currency::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(refused.error().message, "currency must be three capital letters, as in ISO 4217");
  }
}

TEST(Currency, IsNotKnownWhereNobodySaysIt) {
  EXPECT_FALSE(Currency{}.known());
  EXPECT_EQ(Currency{}.text(), "");
  EXPECT_FALSE(Money{450}.currency.known());
  EXPECT_NE((Money{450}), (Money{450, "EUR"}));
}

TEST(Currency, IsAValueOfThreeBytes) {
  static_assert(sizeof(Currency) == 3 && std::is_trivially_copyable_v<Money>);
  constexpr Money coffee{450, "EUR"};
  static_assert(coffee.currency == Currency{"EUR"} && coffee.minor_units == 450);
}

TEST(AmountText, OfMoneyWithoutACurrencyIsTheBareNumber) {
  EXPECT_EQ(amount_text(Money{1250, "EUR"}), "12.50 EUR");
  EXPECT_EQ(amount_text(Money{1250, "JPY"}), "1250 JPY");
  EXPECT_EQ(amount_text(Money{1250}), "1250");
}

}  // namespace
}  // namespace loopstate
