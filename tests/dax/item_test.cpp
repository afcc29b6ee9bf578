#include "dax/item.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "dax/key.hpp"

namespace loopstate::dax {

using table::Key;
using table::Value;

TEST(DaxKeyTest, IsThePartitionKeyAndThenTheSortKeyToTheEnd) {
  EXPECT_EQ(to_hex(key_bytes({"USER#1", "CARD#1"})), "66555345522331434152442331");
  std::string out = "x";
  append_key(out, {"USER#1", "CARD#1"});
  EXPECT_EQ(to_hex(out), "784d66555345522331434152442331");
}

TEST(DaxKeyTest, OfAnyLengthComesBack) {
  for (const Key& key : {Key{"p", "s"},
                         {std::string(23, 'p'), "s"},
                         {std::string(24, 'p'), "\x61"},
                         {std::string(2048, 'p'), std::string(1024, 's')},
                         {"\xc3\xa9", "\xf0\x9f\x98\x80"}}) {
    EXPECT_EQ(parse_key(key_bytes(key)).value(), key);
  }
}

TEST(DaxItemTest, IsTheListsNumberAndTheValuesInItsOrder) {
  const table::Attributes attributes{{"name", "Ann"}, {"n", Value::number(std::int64_t{42})}};
  std::string out;
  append_attributes(out, ListId{2}, attributes);
  EXPECT_EQ(to_hex(out), to_hex(from_hex("47 02 182a 63 416e6e")));
  AttributeLists lists;
  lists.learn(ListId{2}, names_of(attributes));
  ReplyNames names(lists, 100);
  EXPECT_EQ(parse_attributes(out.substr(1), names).value(), attributes);
}

TEST(DaxItemTest, NamesTheAttributeThatCannotBeRead) {
  AttributeLists lists;
  lists.learn(ListId{2}, {"n", "name"});
  ReplyNames names(lists, 100);
  const auto attributes = parse_attributes(from_hex("02 182a ff"), names);
  ASSERT_FALSE(attributes);
  EXPECT_EQ(attributes.error().code, ErrorCode::ProtocolError);
  EXPECT_EQ(attributes.error().message,
            "an item cannot be read: attribute \"name\": expected a value, found a break at byte 3");
}

}  // namespace loopstate::dax
