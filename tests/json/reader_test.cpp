#include "json/reader.hpp"

#include <gtest/gtest.h>

namespace loopstate::json {
namespace {

using namespace std::literals;

Problem problem_of(std::string_view text, Limits limits = {}) {
  Reader reader(text, limits);
  reader.skip();
  EXPECT_FALSE(reader.finish()) << text;
  return reader.ok() ? Problem{} : reader.problem();
}

bool valid(std::string_view text) {
  Reader reader(text);
  reader.skip();
  return reader.finish();
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonReader, TakesEveryKindOfValue) {
  for (const auto text :
       {"null", "true", "false", "0", "-0", "12", "-1.5", "1e400", "1.10", "18446744073709551615", "1E+2",
        "\"\"", "\"a\\u00e9\\n\"", "[]", "{}", "[1,[2,{}],\"x\"]", "{\"a\":{\"b\":null}}", " \t\r\n 1 "}) {
    EXPECT_TRUE(valid(text)) << text;
  }
}

TEST(JsonReader, RefusesWhatIsNotJson) {
  for (const auto text : {"",
                          " ",
                          "nul",
                          "nulL",
                          "True",
                          "01",
                          "-",
                          "1.",
                          ".5",
                          "+1",
                          "1e",
                          "1e+",
                          "0x1",
                          "NaN",
                          "Infinity",
                          "'a'",
                          "\"",
                          "\"\\x\"",
                          "\"\\u12g4\"",
                          "[1,]",
                          "[,1]",
                          "[1 2]",
                          "{\"a\":1,}",
                          "{a:1}",
                          "{\"a\" 1}",
                          "{\"a\":}",
                          "[1]]",
                          "1 2",
                          "// c\n1",
                          "\"a\nb\"",
                          "\"\t\"",
                          "{,}",
                          "\xEF\xBB\xBF{}",
                          "]"}) {
    EXPECT_FALSE(valid(text)) << text;
  }
}

TEST(JsonReader, NamesTheByteWhereItStopped) {
  EXPECT_EQ(problem_of("[1,x]").offset, 3u);
  EXPECT_EQ(problem_of("{\"a\":01}").offset, 5u);
  EXPECT_EQ(problem_of("[1] 2").offset, 4u);
}

TEST(JsonReader, RefusesATextThatEndsAnywhere) {
  constexpr auto whole = R"({"a":[1.5e3,true,null,"x\u00e9\ud83d\ude00ü"],"b":{"c":false}})"sv;
  ASSERT_TRUE(valid(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(valid(whole.substr(0, length))) << length;
  }
}

TEST(JsonReader, RefusesInvalidUtf8) {
  for (const auto text : {"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                          "\"\xE2\x82\"", "\"aaaaaaaa\x80\"", "{\"\xFF\":1}"}) {
    const auto problem = problem_of(text);
    EXPECT_EQ(problem.message, "not UTF-8") << text;
  }
}

TEST(JsonReader, RefusesHalfASurrogatePair) {
  for (const auto text :
       {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\u0041")", R"("\ud83d\ud83d")"}) {
    EXPECT_EQ(problem_of(text).message, "half of a surrogate pair") << text;
  }
}

TEST(JsonReader, FindsASpecialByteAtEveryPlaceOfAWord) {
  for (std::size_t at = 0; at < 24; ++at) {
    std::string text(24, 'a');
    text[at] = '\x1F';
    EXPECT_FALSE(valid('"' + text + '"')) << at;
    text[at] = '\x80';
    EXPECT_FALSE(valid('"' + text + '"')) << at;
    text[at] = '"';
    EXPECT_FALSE(valid('"' + text + '"')) << at;
    text[at] = '\x7F';
    EXPECT_TRUE(valid('"' + text + '"')) << at;
  }
}

TEST(JsonReader, AllowsAsManyLevelsAsItsLimit) {
  EXPECT_TRUE(valid(nested(64)));
  EXPECT_EQ(problem_of(nested(65)).message, "nested deeper than 64 levels");
  EXPECT_EQ(problem_of(nested(3), {.depth = 2}).message, "nested deeper than 2 levels");
  EXPECT_FALSE(valid(std::string(1'000'000, '[')));
}

TEST(JsonReader, CountsLevelsThatWereWalkedInto) {
  Reader reader("[[1]]", {.depth = 1});
  ASSERT_TRUE(reader.begin_array());
  ASSERT_TRUE(reader.next_element());
  EXPECT_EQ(reader.skip(), "");
  EXPECT_EQ(reader.problem().message, "nested deeper than 1 levels");
}

TEST(JsonReader, RefusesMoreBytesThanItsLimit) {
  EXPECT_EQ(problem_of("[1,2]", {.bytes = 4}).message, "5 bytes are more than the 4 that are allowed");
}

TEST(JsonReader, RefusesAMemberThatComesTwice) {
  EXPECT_FALSE(valid(R"({"a":1,"a":2})"));
  EXPECT_FALSE(valid(R"({"a":1,"\u0061":2})"));
  EXPECT_FALSE(valid(R"([{"x":{"a":1,"b":1,"a":2}}])"));
  EXPECT_TRUE(valid(R"({"a":{"a":{"a":1}},"b":{"a":1}})"));
}

TEST(JsonReader, FindsATwinAmongManyMembers) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(valid(text + "\"k\":0}"));
  EXPECT_FALSE(valid(text + "\"k500\":0}"));
}

TEST(JsonReader, RefusesATwinInAnObjectThatIsWalked) {
  Reader reader(R"({"a":1,"a":2})");
  reader.begin_object();
  std::string_view key;
  while (reader.next_member(key)) reader.skip();
  EXPECT_FALSE(reader.ok());
}

TEST(JsonReader, GivesASkippedValueByteForByte) {
  Reader reader("{\"a\": [1.10, 1e400 , {\"x\" : \"\\u00e9\"}] ,\"b\":2}");
  std::string_view key;
  reader.begin_object();
  ASSERT_TRUE(reader.next_member(key));
  EXPECT_EQ(reader.skip(), "[1.10, 1e400 , {\"x\" : \"\\u00e9\"}]");
  ASSERT_TRUE(reader.next_member(key));
  EXPECT_EQ(reader.skip(), "2");
  EXPECT_FALSE(reader.next_member(key));
  EXPECT_TRUE(reader.finish());
}

TEST(JsonReader, UnescapesNamesAndKeepsThemUntilTheObjectEnds) {
  Reader reader(R"({"\u00e9\n":{"\"":1},"plain":2})");
  std::string_view first;
  std::string_view inner;
  std::string_view second;
  reader.begin_object();
  ASSERT_TRUE(reader.next_member(first));
  reader.begin_object();
  ASSERT_TRUE(reader.next_member(inner));
  EXPECT_EQ(inner, "\"");
  reader.skip();
  EXPECT_FALSE(reader.next_member(inner));
  ASSERT_TRUE(reader.next_member(second));
  EXPECT_EQ(first, "é\n");
  EXPECT_EQ(second, "plain");
}

TEST(JsonReader, UnescapesStrings) {
  std::string value;
  EXPECT_TRUE(Reader(R"("\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\ude00ü")").read_string(value));
  EXPECT_EQ(value, "\"\\/\b\f\n\r\t\0é€😀ü"s);
}

TEST(JsonReader, ReadsIntegersWithinTheirRangeFromTheirDigits) {
  std::uint64_t unsigned_value = 0;
  EXPECT_TRUE(Reader("18446744073709551615").read_unsigned(unsigned_value));
  EXPECT_EQ(unsigned_value, UINT64_MAX);
  EXPECT_TRUE(Reader("65535").read_unsigned(unsigned_value, UINT16_MAX));
  std::int64_t signed_value = 0;
  EXPECT_TRUE(Reader("-9223372036854775808").read_signed(signed_value));
  EXPECT_EQ(signed_value, INT64_MIN);
  EXPECT_TRUE(Reader("9007199254740993").read_signed(signed_value));
  EXPECT_EQ(signed_value, 9007199254740993);
}

TEST(JsonReader, RefusesWhatIsNoIntegerOfTheRange) {
  std::uint64_t value = 0;
  for (const auto text : {"18446744073709551616", "-1", "1.0", "1e3", "\"1\"", "null", "true", ""}) {
    EXPECT_FALSE(Reader(text).read_unsigned(value)) << text;
  }
  std::int64_t signed_value = 0;
  for (const auto text : {"9223372036854775808", "-9223372036854775809", "1.5", "[]"}) {
    EXPECT_FALSE(Reader(text).read_signed(signed_value)) << text;
  }
}

TEST(JsonReader, SaysWhatItExpectedAndWhatItFound) {
  const auto message = [](std::string_view text) {
    Reader reader(text);
    std::uint64_t value = 0;
    EXPECT_FALSE(reader.read_unsigned(value, 65535));
    return reader.problem().message;
  };
  EXPECT_EQ(message("65536"), "expected an integer from 0 to 65535, found the number 65536");
  EXPECT_EQ(message("\"secret\""), "expected an integer from 0 to 65535, found a string");
  EXPECT_EQ(message(""), "expected an integer from 0 to 65535, found the end of the text");
  EXPECT_EQ(message("?"), "expected an integer from 0 to 65535, found no JSON value");
  EXPECT_EQ(message(std::string(100, '9')),
            "expected an integer from 0 to 65535, found a number of 100 characters");
}

TEST(JsonReader, StaysFailedAfterAFailure) {
  Reader reader("[1, x, 2]");
  reader.begin_array();
  bool flag = false;
  ASSERT_TRUE(reader.next_element());
  EXPECT_FALSE(reader.read_bool(flag));
  const auto message = reader.problem().message;
  EXPECT_FALSE(reader.next_element());
  EXPECT_EQ(reader.skip(), "");
  EXPECT_FALSE(reader.finish());
  EXPECT_EQ(reader.problem().message, message);
}

TEST(JsonReader, RefusesToFinishInsideAnObject) {
  Reader reader("{}");
  reader.begin_object();
  EXPECT_FALSE(reader.finish());
}

}  // namespace
}  // namespace loopstate::json
