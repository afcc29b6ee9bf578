#include "table/number.hpp"

namespace loopstate::table {
namespace {

std::string canonical(std::string_view text) {
  const auto number = parse_number(text);
  return number ? number->text : "refused: " + number.error().message;
}

std::string sum(std::string_view left, std::string_view right) {
  const auto result = add(*parse_number(left), *parse_number(right));
  return result ? result->text : "refused";
}

bool refused(std::string_view text) {
  const auto number = parse_number(text);
  return !number && number.error().code == ErrorCode::InvalidArgument;
}

TEST(Number, HasOneCanonicalText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},     {"-0", "0"},       {"0.00", "0"},         {"0e500", "0"},   {"+7", "7"},
      {"007", "7"},   {"1.50", "1.5"},   {"1e3", "1000"},       {"1E+3", "1000"}, {"-12", "-12"},
      {".5", "0.5"},  {"5.", "5"},       {"1e-7", "0.0000001"}, {"120e-1", "12"}, {"-0.10", "-0.1"},
      {"100", "100"}, {"1.23e1", "12.3"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(canonical(text), expected) << text;
}

TEST(Number, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "-", ".", "e5", "1e", "1e+", "1 ", " 1", "1.2.3", "0x1", "NaN", "inf", "1,5", "--1"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

TEST(Number, KeepsThirtyEightDigitsAndNoMore) {
  const std::string digits(38, '9');
  EXPECT_EQ(canonical(digits), digits);
  EXPECT_EQ(canonical("0." + digits), "0." + digits);
  EXPECT_TRUE(refused(std::string(39, '1')));
  EXPECT_EQ(canonical("1" + std::string(38, '0')), "1" + std::string(38, '0'));  // one significant digit
}

TEST(Number, HasAMagnitudeWithinTheServicesRange) {
  EXPECT_EQ(canonical("1E125"), "1" + std::string(125, '0'));
  EXPECT_EQ(canonical("1E-130"), "0." + std::string(129, '0') + "1");
  EXPECT_EQ(canonical("-1.5E-130"), "-0." + std::string(129, '0') + "15");
  EXPECT_TRUE(refused("1E126"));
  EXPECT_TRUE(refused("9E-131"));
  EXPECT_TRUE(refused("1E99999999999999999999"));
  EXPECT_TRUE(refused("1E-99999999999999999999"));
  EXPECT_TRUE(refused(std::string(100'000, '0')));
}

TEST(Number, KnowsACanonicalTextWhenItSeesOne) {
  for (const auto* text :
       {"0", "-1", "10", "0.1", "-0.05", "12.3", "99999999999999999999999999999999999999"}) {
    EXPECT_TRUE(is_canonical(Number{text})) << text;
  }
  for (const auto* text : {"", "-", "-0", "01", "+1", "1.0", "1.", ".5", "1e3", "0.0", "a", "1.2.3",
                           "999999999999999999999999999999999999999"}) {
    EXPECT_FALSE(is_canonical(Number{text})) << text;
  }
  EXPECT_TRUE(is_canonical(*parse_number("9E125")));
  EXPECT_FALSE(is_canonical(Number{"1" + std::string(126, '0')}));
  EXPECT_TRUE(is_canonical(*parse_number("1E-130")));
  EXPECT_FALSE(is_canonical(Number{"0." + std::string(130, '0') + "1"}));
}

TEST(Number, ComparesByValue) {
  const std::vector<std::string> ascending = {"-1e125",  "-100", "-99.5",  "-99",  "-1",  "-0.5",
                                              "-1e-130", "0",    "1e-130", "0.05", "0.5", "1",
                                              "1.5",     "2",    "10",     "1e125"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(compare(*parse_number(ascending[i]), *parse_number(ascending[j])), i <=> j)
          << ascending[i] << " and " << ascending[j];
    }
  }
}

TEST(Number, AddsExactly) {
  EXPECT_EQ(sum("1", "2"), "3");
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("999", "1"), "1000");
  EXPECT_EQ(sum("5", "-5"), "0");
  EXPECT_EQ(sum("5", "-7.5"), "-2.5");
  EXPECT_EQ(sum("-7.5", "5"), "-2.5");
  EXPECT_EQ(sum("-1", "-1"), "-2");
  EXPECT_EQ(sum("1000", "-0.001"), "999.999");
  EXPECT_EQ(sum("18446744073709551615", "1"), "18446744073709551616");
}

TEST(Number, RefusesASumThatCannotBeKeptExactly) {
  EXPECT_EQ(sum("1e38", "1"), "refused");
  EXPECT_EQ(sum("9e125", "9e125"), "refused");
  EXPECT_EQ(sum("1e125", "1e-130"), "refused");
  EXPECT_EQ(sum("1e38", "10"), "1" + std::string(36, '0') + "10");
}

}  // namespace
}  // namespace loopstate::table
