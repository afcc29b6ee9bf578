#include <gtest/gtest.h>

#include <cstring>

#include "http/client/endpoint.hpp"
#include "http/client/message.hpp"
#include "http/client/reply_reader.hpp"

namespace loopstate::http {

TEST(Endpoint, IsReadFromAUrl) {
  const auto plain = parse_endpoint("http://localhost:8000", "X").value();
  EXPECT_EQ(plain, (Endpoint{false, "localhost", 8000}));
  const auto secure = parse_endpoint("https://dynamodb.eu-west-1.amazonaws.com/", "X").value();
  EXPECT_EQ(secure, (Endpoint{true, "dynamodb.eu-west-1.amazonaws.com", 443}));
  EXPECT_EQ(secure.authority(), "dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(parse_endpoint("http://[::1]:8000", "X")->authority(), "[::1]:8000");
}

TEST(Endpoint, ARefusalNamesTheSettingAndRepeatsNoPassword) {
  for (const std::string_view url :
       {"localhost:8000", "ftp://x", "http://", "http://h:0", "http://h:70000", "http://h:8x",
        "http://h/path", "http://h?x", "http://user:secret@h", "http://[::1", "http://h h"}) {
    const auto parsed = parse_endpoint(url, "AWS_ENDPOINT_URL");
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(parsed.error().message.starts_with("AWS_ENDPOINT_URL")) << parsed.error().message;
    EXPECT_EQ(parsed.error().message.find("secret"), std::string::npos);
  }
}

TEST(ClientRequest, AHeaderCannotBringAnotherOne) {
  ClientRequest request("GET", "/");
  request.add("X-A", "one\r\nX-B: two");
  EXPECT_EQ(request.headers(), "X-A: one  X-B: two\r\n");
}

TEST(ClientReply, HeadersAreFoundWhateverTheirCase) {
  ClientReply reply;
  reply.add_header("Content-Type", "text");
  reply.add_header("x-amz-crc32", "12");
  EXPECT_EQ(reply.header("X-AMZ-CRC32"), "12");
  EXPECT_EQ(reply.header("content-type"), "text");
  EXPECT_FALSE(reply.header("x-amz"));
}

class Reading : public testing::Test {
 protected:
  /// In pieces of `step` bytes; returns the last result.
  Result<bool> feed(std::string_view text, std::size_t step) {
    reader.begin(false);
    Result<bool> complete = false;
    while (!text.empty()) {
      const ReplyReader::Space space = reader.space();
      const std::size_t count = std::min({step, space.size, text.size()});
      std::memcpy(space.data, text.data(), count);
      text.remove_prefix(count);
      complete = reader.received(count);
      if (!complete || *complete) break;
    }
    return complete;
  }

  ReplyReader reader{100'000};
};

TEST_F(Reading, AReplyComesInAnyPieces) {
  const std::string body(40'000, 'x');
  const std::string text = "HTTP/1.1 400 Bad\r\nX-A: 1\r\nContent-Length: 40000\r\n\r\n" + body;
  for (const std::size_t step : {1u, 7u, 1000u, 100'000u}) {
    const auto complete = feed(text, step);
    ASSERT_TRUE(complete && *complete) << step;
    EXPECT_TRUE(reader.keep_alive());
    const ClientReply reply = reader.take();
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.body, body);
    EXPECT_EQ(reply.header("x-a"), "1");
  }
}

TEST_F(Reading, ChunksAreJoined) {
  const auto complete =
      feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5);
  ASSERT_TRUE(complete && *complete);
  EXPECT_EQ(reader.take().body, "abcde");
}

TEST_F(Reading, ACloseEndsAReplyWithoutALength) {
  ASSERT_FALSE(feed("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", 100).value());
  EXPECT_TRUE(reader.closed());
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.take().body, "abc");
}

TEST_F(Reading, ACloseInTheMiddleIsNoEnd) {
  ASSERT_FALSE(feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 100).value());
  EXPECT_FALSE(reader.closed());
}

TEST_F(Reading, AnInterimReplyIsNotTheReplyThatCounts) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  for (const std::size_t step : {1u, 7u, 25u, 1000u}) {
    const auto complete = feed(text, step);
    ASSERT_TRUE(complete && *complete) << step;
    EXPECT_TRUE(reader.keep_alive());
    const ClientReply reply = reader.take();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "{}");
    EXPECT_FALSE(reply.header("link"));
  }
  EXPECT_FALSE(feed("HTTP/1.1 100 Continue\r\n\r\n", 100).value()) << "its reply would be the next request's";
  EXPECT_FALSE(reader.closed());
}

TEST_F(Reading, InterimRepliesWithoutEndAreAProtocolError) {
  std::string text;
  for (int at = 0; at < 20; ++at) text += "HTTP/1.1 100 Continue\r\n\r\n";
  const auto complete = feed(text, 1000);
  ASSERT_FALSE(complete);
  EXPECT_EQ(complete.error().code, ErrorCode::ProtocolError);
}

TEST_F(Reading, AConnectionThatChangesItsProtocolTakesNoMoreRequests) {
  const auto complete = feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 1000);
  ASSERT_TRUE(complete && *complete);
  EXPECT_FALSE(reader.keep_alive());
}

TEST_F(Reading, WhatIsNoReplyIsAProtocolError) {
  for (const std::string& text : {std::string("\x15\x03\x01 nonsense\r\n\r\n"),
                                  std::string("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"),
                                  "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'y') + "\r\n\r\n"}) {
    const auto complete = feed(text, 1000);
    ASSERT_FALSE(complete) << text.substr(0, 30);
    EXPECT_EQ(complete.error().code, ErrorCode::ProtocolError);
  }
}

TEST_F(Reading, AReplyWhoseEndIsInDoubtIsAProtocolErrorOrUsesItsConnectionUp) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  for (const std::string& text :
       {head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}",
        head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        head + "Content-Length: -1\r\n\r\n{}", head + "Content-Length: 2x\r\n\r\n{}",
        head + "Content-Length: 18446744073709551617\r\n\r\n{}",
        head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}"}) {
    const auto complete = feed(text, 7);
    if (!complete) {
      EXPECT_EQ(complete.error().code, ErrorCode::ProtocolError);
    } else {
      EXPECT_FALSE(*complete && reader.keep_alive()) << text;
    }
  }
}

TEST_F(Reading, WhatNeverEndsIsAProtocolErrorWithinItsBounds) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string chunks = chunked;
  for (int at = 0; at < 20'000; ++at) chunks += "8\r\n12345678\r\n";
  for (const std::string& text :
       {chunked + "2;" + std::string(1 << 20, 'a'), chunked + "0\r\nX: " + std::string(1 << 20, 'a'),
        "HTTP/1.1 200 " + std::string(1 << 20, 'a'), chunks,
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(1 << 20, 'a')}) {
    for (const std::size_t step : {std::size_t{1000}, std::size_t{100'000}}) {
      const auto complete = feed(text, step);
      ASSERT_FALSE(complete) << text.substr(0, 60);
      EXPECT_EQ(complete.error().code, ErrorCode::ProtocolError);
      EXPECT_LT(complete.error().message.size(), 300u);
    }
  }
}

TEST_F(Reading, BytesBehindAReplyMakeTheConnectionUseless) {
  ASSERT_TRUE(feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 X\r\n\r\n", 1000).value());
  EXPECT_FALSE(reader.keep_alive());
}

}  // namespace loopstate::http
