#include "crypto/base64.hpp"

#include <gtest/gtest.h>

namespace loopstate::crypto {
namespace {

// RFC 4648, section 10.
TEST(Base64, MatchesThePublishedVectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, CarriesEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t cut = 0; cut < 3; ++cut) {
    const auto part = bytes.substr(cut);
    EXPECT_EQ(base64_decode(base64_encode(part)), part);
  }
}

TEST(Base64, RefusesWhatIsNotStrict) {
  for (const std::string_view text : {
           "Zg",          // no padding
           "Zg=",         // too little
           "Zg===",       // too much
           "====",        // nothing but padding
           "Z===",        // one digit is not a byte
           "Zm9v ",       // white space
           "Zm9v\n",      //
           "Zm 9",        //
           "Zm9v\r\n==",  //
           "Zh==",        // unused bits are set
           "Zm9=",        //
           "Z=g=",        // padding inside
           "Zg==Zg==",    //
           "_-8=",        // the other alphabet
       }) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace loopstate::crypto
