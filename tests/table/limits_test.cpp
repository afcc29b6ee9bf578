#include "table/limits.hpp"

#include "table/number.hpp"

namespace loopstate::table {
namespace {

constexpr std::size_t kKeyBytes = 6;  // "pk" + "p" + "sk" + "s"

Value number(std::string_view text) {
  return *parse_number(text);
}

Item item_with(Value value) {
  return {{"p", "s"}, {{"v", std::move(value)}}};
}

ErrorCode refusal(const Result<void>& result) {
  return result ? ErrorCode::Internal : result.error().code;
}
ErrorCode refusal(const Item& item) {
  return refusal(check_item(item));
}
constexpr auto kInvalid = ErrorCode::InvalidArgument;

Value nested_list(int levels) {
  Value value = "x";
  for (int i = 0; i < levels; ++i) value = List{std::move(value)};
  return value;
}

Value nested_map(int levels) {
  Value value = "x";
  for (int i = 0; i < levels; ++i) value = Map{{"m", std::move(value)}};
  return value;
}

// The figures are those that a server was seen to use; the service's guide gives them roughly.
TEST(Size, OfNumbersCountsPairsOfDigits) {
  const std::vector<std::pair<std::string, std::size_t>> cases = {{"0", 1},
                                                                  {"1", 2},
                                                                  {"12", 2},
                                                                  {"123", 3},
                                                                  {"1234", 3},
                                                                  {"12345", 4},
                                                                  {"-1", 3},
                                                                  {"-12", 3},
                                                                  {"10", 2},
                                                                  {"100", 2},
                                                                  {"1000", 2},
                                                                  {"0.1", 2},
                                                                  {"0.01", 2},
                                                                  {"1.2", 3},
                                                                  {"12.3", 3},
                                                                  {"1.23", 3},
                                                                  {"1e125", 2},
                                                                  {"100001", 4},
                                                                  {std::string(38, '9'), 20},
                                                                  {"-" + std::string(38, '9'), 21}};
  for (const auto& [text, bytes] : cases) EXPECT_EQ(value_size(number(text)), bytes) << text;
}

TEST(Size, OfOtherValuesCountsContentsAndNames) {
  EXPECT_EQ(value_size(""), 0u);
  EXPECT_EQ(value_size("\xC3\xA9"), 2u);
  EXPECT_EQ(value_size(Binary{"abc"}), 3u);
  EXPECT_EQ(value_size(Value::boolean(true)), 1u);
  EXPECT_EQ(value_size(Null{}), 1u);
  EXPECT_EQ(value_size(StringSet{{"a", "bb"}}), 3u);
  EXPECT_EQ(value_size(NumberSet{{{"1"}, {"22"}}}), 4u);
  EXPECT_EQ(value_size(List{}), 3u);
  EXPECT_EQ(value_size(List{""}), 4u);
  EXPECT_EQ(value_size(List{"a", "b"}), 7u);
  EXPECT_EQ(value_size(List{List{}}), 7u);
  EXPECT_EQ(value_size(Map{}), 3u);
  EXPECT_EQ(value_size(Map{{"a", "x"}, {"bb", "y"}}), 10u);
}

TEST(Size, OfAnItemCountsItsKeyAndItsNames) {
  EXPECT_EQ(item_size({{"p", "s"}, {}}), kKeyBytes);
  EXPECT_EQ(item_size(item_with("abc")), kKeyBytes + 4);
}

TEST(ItemLimits, AnItemHasAtMost400Kilobytes) {
  EXPECT_TRUE(check_item(item_with(std::string(409'600 - kKeyBytes - 1, 'x'))));
  const auto over = check_item(item_with(std::string(409'600 - kKeyBytes, 'x')));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::ItemTooLarge);
  EXPECT_THAT(over.error().message, testing::HasSubstr("409601"));
}

TEST(ItemLimits, AKeyIsNeverEmptyNorTooLong) {
  EXPECT_TRUE(check_key({std::string(2048, 'p'), std::string(1024, 's')}));
  EXPECT_EQ(refusal(check_key({std::string(2049, 'p'), "s"})), kInvalid);
  EXPECT_EQ(refusal(check_key({"p", std::string(1025, 's')})), kInvalid);
  EXPECT_EQ(refusal(check_key({"", "s"})), kInvalid);
  EXPECT_EQ(refusal(check_key({"p", ""})), kInvalid);
}

TEST(ItemLimits, AKeyIsUtf8WithoutNul) {
  EXPECT_TRUE(check_key({"\xC3\xA9", "s"}));
  EXPECT_EQ(refusal(check_key({"\xC3", "s"})), kInvalid);
  EXPECT_EQ(refusal(check_key({"p", std::string("a\0b", 3)})), kInvalid);
}

TEST(ItemLimits, TheKeyIsNoAttribute) {
  EXPECT_EQ(refusal({{"p", "s"}, {{"pk", "x"}}}), kInvalid);
  EXPECT_EQ(refusal({{"p", "s"}, {{"sk", "x"}}}), kInvalid);
}

TEST(ItemLimits, NamesAreNeverEmptyNorTooLong) {
  EXPECT_EQ(refusal({{"p", "s"}, {{"", "x"}}}), kInvalid);
  EXPECT_EQ(refusal(item_with(Map{{"", "x"}})), kInvalid);
  EXPECT_TRUE(check_item({{"p", "s"}, {{std::string(65'535, 'n'), "x"}}}));
  EXPECT_EQ(refusal({{"p", "s"}, {{std::string(65'536, 'n'), "x"}}}), kInvalid);
}

TEST(ItemLimits, StringsAreUtf8AndMayBeEmpty) {
  EXPECT_TRUE(check_item(item_with("")));
  EXPECT_TRUE(check_item(item_with("0123456789\xE2\x82\xAC")));
  EXPECT_EQ(refusal(item_with("0123456789\xE2\x82")), kInvalid);
  EXPECT_EQ(refusal(item_with(List{"\xFF"})), kInvalid);
  EXPECT_TRUE(check_item(item_with(Binary{"\xFF"})));
}

TEST(ItemLimits, SetsAreNeverEmpty) {
  EXPECT_EQ(refusal(item_with(StringSet{})), kInvalid);
  EXPECT_EQ(refusal(item_with(NumberSet{})), kInvalid);
  EXPECT_EQ(refusal(item_with(Map{{"k", BinarySet{}}})), kInvalid);
}

TEST(ItemLimits, NumbersAreCanonical) {
  EXPECT_TRUE(check_item(item_with(Number{"1.5"})));
  EXPECT_EQ(refusal(item_with(Number{"1.50"})), kInvalid);
  EXPECT_EQ(refusal(item_with(Number{std::string(39, '1')})), kInvalid);
  EXPECT_EQ(refusal(item_with(NumberSet{{{"x"}}})), kInvalid);
}

TEST(ItemLimits, ValuesNest31LevelsBelowTheirItem) {
  EXPECT_TRUE(check_item(item_with(nested_list(31))));
  EXPECT_TRUE(check_item(item_with(nested_map(31))));
  EXPECT_EQ(refusal(item_with(nested_list(32))), kInvalid);
  EXPECT_EQ(refusal(item_with(nested_map(32))), kInvalid);
}

}  // namespace
}  // namespace loopstate::table
