#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dynamodb/crc32.hpp"
#include "dynamodb/requests.hpp"
#include "table/json/typed_json.hpp"
#include "table/service/cursor.hpp"

namespace loopstate::dynamodb {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Replies, NothingThereIsNoItem) {
  const auto read = read_get_item("{}");
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(Replies, ABrokenReplyIsAProtocolError) {
  for (const std::string_view body :
       {R"({"Item":)", R"({"Item":{"pk":{"S":"p"}}})", R"({"Item":{"pk":{"S":"p"},"sk":{"N":"1"}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"X":"1"}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"N":"one"}}})",
        R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"B":"?"}}})", "[]", "{} {}"}) {
    const auto read = read_get_item(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, ErrorCode::ProtocolError);
  }
}

TEST(Replies, ABrokenOneIsNamedByWhatIsWrongAndWhere) {
  const auto read = read_get_item(R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"X":"1"}}})");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, AllOf(StartsWith("the reply cannot be read: "),
                                          HasSubstr("not one of S, N"), HasSubstr("at byte 48")));
}

TEST(Replies, AnItemMayBe32LevelsDeep) {
  table::Value deep = "x";
  for (int level = 0; level < 32; ++level)
    deep = level % 2 == 0 ? table::Value(table::List{deep}) : table::Value(table::Map{{"k", deep}});
  const table::Item item{{"p", "s"}, {{"a", deep}}};
  std::string text;
  table::append_item(text, item);
  const auto read = read_get_item(R"({"Item":)" + text + "}");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, item);
}

TEST(Replies, CursorsComeBackAsTheirKeys) {
  for (const table::Key& key : {table::Key{"USER#u", "CARD#1:2"}, table::Key{"\u00e9", "s"}}) {
    const auto back = table::service::read_cursor(table::service::make_cursor(key));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, key);
  }
  for (const std::string_view wrong : {"", "x", "5:ab", "2:ab", ":ab", "-1:ab"}) {
    EXPECT_FALSE(table::service::read_cursor(wrong)) << wrong;
  }
}

TEST(Crc32, IsTheIeeeOne) {
  EXPECT_EQ(crc32(""), 0u);
  EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339u);
}

}  // namespace loopstate::dynamodb
