#include "json/writer.hpp"
#include "base/json_text_access.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace loopstate::json {
namespace {

using namespace std::literals;

std::string literal(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasBetweenMembersAndElements) {
  Writer json;
  json.begin_object()
      .key("a")
      .number(1u)
      .key("b")
      .begin_array()
      .null()
      .boolean(true)
      .begin_object()
      .end_object();
  json.end_array().key("c").string("x").end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":[null,true,{}],"c":"x"})");
}

TEST(JsonWriter, WritesIntegersToTheLastDigit) {
  Writer json;
  json.begin_array().number(UINT64_MAX).number(INT64_MIN).end_array();
  EXPECT_EQ(std::move(json).take(), "[18446744073709551615,-9223372036854775808]");
}

TEST(JsonWriter, EscapesOnlyWhatItMust) {
  EXPECT_EQ(literal("a\"b\\c/é😀\x7F"), "\"a\\\"b\\\\c/é😀\x7F\"");
  EXPECT_EQ(literal("\b\f\n\r\t\0\x1F"sv), R"("\b\f\n\r\t\u0000\u001f")");
}

TEST(JsonWriter, EscapesTheSameWhereverItStandsInALongText) {
  for (const auto& [raw, written] : {std::pair<std::string, std::string>{"\"", "\\\""},
                                     {"\\", "\\\\"},
                                     {"\n", "\\n"},
                                     {"\x1f", "\\u001f"},
                                     {"\x7f", "\x7f"},
                                     {"\u00e9", "\u00e9"},
                                     {"\u00e9\"", "\u00e9\\\""}}) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string plain(before, 'p'), rest(20 - before, ' ');
      EXPECT_EQ(literal(plain + raw + rest + raw), '"' + plain + written + rest + written + '"') << before;
    }
  }
}

TEST(JsonWriter, KeepsRawValuesByteForByte) {
  Writer json;
  json.begin_object().key("n").value(trusted_json("1.10")).key("m").raw("[ 1 ]").end_object();
  EXPECT_EQ(json.text(), R"({"n":1.10,"m":[ 1 ]})");
}

}  // namespace
}  // namespace loopstate::json
