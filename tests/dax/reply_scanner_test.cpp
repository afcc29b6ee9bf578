#include "dax/reply_scanner.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"

namespace loopstate::dax {

namespace {

struct Example {
  Method method;
  const char* hex;
};

/// One of each form that a reply can have.
constexpr Example kReplies[] = {
    {Method::Endpoints,
     "80 81 a7 00 1903e8 01 69 6c6f63616c686f7374 02 44 7f000001 03 1946bf 04 01 05 68 "
     "6c61622d617a2d30 06 07"},
    {Method::DefineKeySchema, "80 a2 62 706b 61 53 62 736b 61 4e"},
    {Method::DefineAttributeListId, "80 02"},
    {Method::GetItem, "80 a1 00 47 02 182a 63 416e6e"},
    {Method::GetItem, "80 f6"},
    {Method::GetItem, "9fff bf 00 41 01 ff"},
    {Method::Query, "80 a3 07 81 82 4d 66 555345522331 434152442331 41 01 08 01 0a 01"},
    {Method::BatchGetItem, "80 82 a1 63 545353 82 4d 66 555345522331 434152442331 41 01 a0 80"},
    {Method::BatchWriteItem, "80 a0 80 a0"},
    {Method::TransactWriteItems, "80 83 80 80 a0"},
    {Method::BatchWriteItem,
     "85 04 1825 1826 1827 182e 63 626164 83 f6 73 56616c69646174696f6e457863657074696f6e 190190"},
    {Method::PutItem, "81 01 f6 f6"}};

}  // namespace

TEST(DaxReplyScannerTest, AReplyEndsWithItsLastValueHoweverItIsCut) {
  for (const auto& [method, hex] : kReplies) {
    const std::string reply = from_hex(hex);
    ReplyScanner scanner(method);
    for (std::size_t size = 0; size < reply.size(); ++size) {
      const auto found = scanner.scan(std::string_view(reply).substr(0, size));
      ASSERT_TRUE(found) << hex << ": " << found.error().message;
      EXPECT_FALSE(*found) << hex << " after " << size;
      EXPECT_GT(scanner.needed(), size);
      EXPECT_LE(scanner.needed(), reply.size());
    }
    EXPECT_EQ(scanner.scan(reply).value(), reply.size()) << hex;
    EXPECT_EQ(ReplyScanner(method).scan(reply + "\x80").value(), reply.size()) << "what is behind it is left";
  }
}

TEST(DaxReplyScannerTest, WhatIsNoReplyIsToldAtItsFirstByte) {
  for (const auto* const text : {"HTTP/1.1 400 Bad Request", "\x15\x03\x01", "SSH-2.0", "{}"}) {
    const auto found = ReplyScanner(Method::GetItem).scan(std::string_view(text).substr(0, 1));
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, ErrorCode::ProtocolError);
  }
}

TEST(DaxReplyScannerTest, AReplyThatSaysItIsTooLongIsNotWaitedFor) {
  EXPECT_FALSE(ReplyScanner(Method::GetItem).scan(from_hex("80 a1 00 5a 00200000")));
  EXPECT_TRUE(ReplyScanner(Method::GetItem).scan(from_hex("80 a1 00 5a 00100000")));
  EXPECT_TRUE(ReplyScanner(Method::BatchGetItem).scan(from_hex("80 82 a1 63 545353 9a 00200000")));
  EXPECT_FALSE(ReplyScanner(Method::Endpoints).scan(from_hex("9b ffffffffffffffff")));
}

TEST(DaxReplyScannerTest, ALongReplyGetsRoomAsItArrives) {
  ReplyScanner scanner(Method::BatchGetItem);
  ASSERT_TRUE(scanner.scan(from_hex("80 82 a1 63 545353 81 5a 02000000")).has_value());
  EXPECT_GT(scanner.needed(), 32u << 20);
  EXPECT_LT(scanner.room(12), 16u << 10) << "what it says of itself is only the node's word";
  EXPECT_EQ(scanner.room(1u << 20), 2u << 20);
  EXPECT_EQ(scanner.room(20u << 20), scanner.needed());
}

}  // namespace loopstate::dax
