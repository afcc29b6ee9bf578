// UTF-8, read strictly, wherever in a text the first byte that is not ASCII lies.
#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace loopstate {
namespace {

TEST(Utf8, AByteThatIsNotAsciiIsSeenAtEveryPlaceOfATextOfAnyLength) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string ascii(size, 'a');
    EXPECT_TRUE(is_utf8(ascii));
    for (std::size_t at = 0; at < size; ++at) {
      std::string stray = ascii;
      stray[at] = '\xBF';
      EXPECT_FALSE(is_utf8(stray)) << at << " of " << size;
      std::string whole = ascii;
      whole.insert(at, "\xE2\x82\xAC");
      EXPECT_TRUE(is_utf8(whole)) << at << " of " << size;
      whole.replace(at, 3, "\xE2\x82");
      EXPECT_FALSE(is_utf8(whole)) << at << " of " << size;
    }
  }
}

TEST(Utf8, OverlongFormsSurrogatesAndWhatLiesBeyondUnicodeAreRefused) {
  for (const char* text :
       {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(text));
  for (const char* text : {"", "\x7F", "\xC2\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(text));
}

}  // namespace
}  // namespace loopstate
