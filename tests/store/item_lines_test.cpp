#include "store/upkeep/item_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loopstate::store {
namespace {

constexpr const char* kFirst = R"({"pk":{"S":"p"},"sk":{"S":"1"}})";
constexpr const char* kSecond = R"({"pk":{"S":"p"},"sk":{"S":"2"},"t":{"S":"]}\"[{"}})";

// The sort keys of the items, and the message that ended the reading.
struct ReadItems {
  std::vector<std::string> keys;
  std::string error;
};

ReadItems read(std::string text, std::size_t piece_bytes = 5) {
  std::size_t at = 0;
  ItemLines lines([&]() -> Result<std::string> {
    auto piece = text.substr(std::min(at, text.size()), piece_bytes);
    at += piece.size();
    return piece;
  });
  ReadItems read;
  for (;;) {
    auto item = lines.next();
    if (!item) read.error = item.error().message;
    if (!item || !*item) return read;
    read.keys.push_back((*item)->key.sk);
  }
}

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(ItemLines, TakesOneItemALine) {
  const auto items = read(std::string(kFirst) + "\n" + kSecond + "\n");
  EXPECT_THAT(items.keys, ElementsAre("1", "2"));
  EXPECT_EQ(items.error, "");
}

TEST(ItemLines, ForgivesEmptyLinesReturnsAndAMissingLineFeedAtTheEnd) {
  EXPECT_THAT(read(std::string("\n\r\n") + kFirst + "\r\n \n" + kSecond).keys, ElementsAre("1", "2"));
}

TEST(ItemLines, TakesAnArrayHoweverItIsLaidOut) {
  EXPECT_THAT(read(std::string(" [") + kFirst + "\n,\n" + kSecond + "\n]\n").keys, ElementsAre("1", "2"));
  EXPECT_EQ(read("[]").error, "");
}

TEST(ItemLines, HasNothingToReadInAnEmptyText) {
  EXPECT_THAT(read("").keys, IsEmpty());
  EXPECT_EQ(read(" \n\n").error, "");
}

TEST(ItemLines, NamesTheLineThatIsWrong) {
  const auto items = read(std::string("\n") + kFirst + "\n\nnonsense\n" + kSecond);
  EXPECT_THAT(items.keys, ElementsAre("1"));
  EXPECT_THAT(items.error, StartsWith("line 4: "));
}

TEST(ItemLines, NamesTheLineWhereAnElementBegins) {
  EXPECT_THAT(read(std::string("[\n") + kFirst + ",\n{\n\"pk\":5}]").error, StartsWith("line 3: "));
}

TEST(ItemLines, RefusesAnArrayThatBreaksOffOrGoesOn) {
  EXPECT_THAT(read(std::string("[") + kFirst).error, HasSubstr("breaks off"));
  EXPECT_THAT(read(std::string("[") + kFirst + ",").error, HasSubstr("expected an item"));
  EXPECT_THAT(read(R"([{"pk":)").error, HasSubstr("breaks off inside"));
  EXPECT_THAT(read(std::string("[") + kFirst + "]" + kSecond).error, HasSubstr("follows the array"));
  EXPECT_THAT(read(std::string("[") + kFirst + kSecond + "]").error, HasSubstr("comma"));
}

TEST(ItemLines, BoundsWhatOneLineMayHold) {
  const auto items = read(std::string(kMaxItemTextBytes + 100'000, 'x'), 65'536);
  EXPECT_THAT(items.error, HasSubstr("longer than"));
}

}  // namespace
}  // namespace loopstate::store
