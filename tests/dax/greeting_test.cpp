#include "dax/greeting.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "dax/bytes.hpp"
#include "dax/vectors.hpp"

namespace loopstate::dax {

namespace {

Timestamp time_of(const std::string& text) {
  std::tm parts{};
  std::istringstream(text) >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  return Timestamp(std::chrono::seconds(timegm(&parts)));
}

aws::Credentials credentials_of(const json::View& vector) {
  aws::Credentials credentials;
  credentials.access_key_id = text(vector, "access_key");
  credentials.secret_access_key = crypto::Secret(text(vector, "secret"));
  credentials.session_token = text(vector, "token");
  return credentials;
}

}  // namespace

TEST(DaxGreetingTest, IsFiveValues) {
  EXPECT_EQ(to_hex(greeting(from_hex("bc26342827b17858b9fe79735c7dfe8b"))),
            to_hex(from_hex("67 4a37796e653547 00 50 bc26342827b17858b9fe79735c7dfe8b"
                            "a1 69 557365724167656e74 69 6c6f6f707374617465 00")));
}

TEST(DaxGreetingTest, SignsAsTheOfficialClientsDo) {
  EXPECT_EQ(vectors("sigv4").size(), 2u);
  for (const json::View& vector : vectors("sigv4")) {
    Authorizer authorizer(text(vector, "region"));
    const Authorization made = authorizer.sign(credentials_of(vector), time_of(text(vector, "time")));
    EXPECT_EQ(made.string_to_sign, text(vector, "string_to_sign"));
    EXPECT_EQ(made.signature, text(vector, "signature"));
  }
}

TEST(DaxGreetingTest, TheCallHasKeySignatureWhatWasSignedTokenAndAgent) {
  const auto all = vectors("sigv4");
  for (const json::View& vector : all) {
    Authorizer authorizer(text(vector, "region"));
    const std::string call = authorizer.call(credentials_of(vector), time_of(text(vector, "time")));
    std::string expected = from_hex("01 1a58c2336b");
    const auto add = [&](std::string_view head, const std::string& content) {
      expected += from_hex(head) + content;
    };
    add(text(vector, "access_key").size() == 7 ? "67" : "6b", text(vector, "access_key"));
    add("7840", text(vector, "signature"));
    add("5886", text(vector, "string_to_sign"));
    if (text(vector, "token").empty()) {
      add("f6", "");
    } else {
      add("68", text(vector, "token"));
    }
    add("69", "loopstate");
    EXPECT_EQ(to_hex(call), to_hex(expected));
  }
}

}  // namespace loopstate::dax
