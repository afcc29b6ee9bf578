#include "dax/cbor_reader.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"

namespace loopstate::dax::cbor {

namespace {

/// What skipping over all of it reports: "" if it is whole values and nothing else.
std::string problem_of(std::string_view hex) {
  const std::string bytes = from_hex(hex);
  Reader reader(bytes);
  while (reader.ok() && !reader.at_end()) reader.skip();
  return reader.problem();
}

}  // namespace

TEST(CborReaderTest, HeadsAreWrittenInTheirShortestForm) {
  const std::pair<std::uint64_t, const char*> heads[] = {{0, "00"},
                                                         {23, "17"},
                                                         {24, "1818"},
                                                         {255, "18ff"},
                                                         {256, "190100"},
                                                         {65535, "19ffff"},
                                                         {65536, "1a00010000"},
                                                         {UINT32_MAX, "1affffffff"},
                                                         {0x1'0000'0000, "1b0000000100000000"},
                                                         {UINT64_MAX, "1bffffffffffffffff"}};
  for (const auto& [value, hex] : heads) {
    std::string out;
    append_head(out, Major::Unsigned, value);
    EXPECT_EQ(to_hex(out), hex);
  }
}

TEST(CborReaderTest, IntegersComeBackToTheEndsOfTheirRange) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{-25}, INT64_MAX, INT64_MIN}) {
    std::string out;
    append_integer(out, value);
    Reader reader(out);
    std::int64_t read = 1;
    EXPECT_TRUE(reader.read_int64(read) && reader.finish()) << reader.problem();
    EXPECT_EQ(read, value);
  }
}

TEST(CborReaderTest, AnyLengthOfAHeadIsRead) {
  for (const auto* const hex : {"05", "1805", "190005", "1a00000005", "1b0000000000000005"}) {
    const std::string bytes = from_hex(hex);
    Reader reader(bytes);
    std::uint64_t value = 0;
    EXPECT_TRUE(reader.read_unsigned(value) && reader.finish());
    EXPECT_EQ(value, 5u);
  }
}

TEST(CborReaderTest, AnIntegerOf64BitsIsNoSignedOne) {
  for (const auto* const hex : {"1b8000000000000000", "3b8000000000000000"}) {
    const std::string bytes = from_hex(hex);
    Reader reader(bytes);
    std::int64_t value = 0;
    EXPECT_FALSE(reader.read_int64(value));
    EXPECT_EQ(reader.problem(), "an integer of more than 63 bits at byte 9");
  }
}

TEST(CborReaderTest, DefiniteAndIndefiniteContainersReadTheSame) {
  for (const auto* const hex : {"83010203", "9f010203ff", "9803010203"}) {
    const std::string bytes = from_hex(hex);
    Reader reader(bytes);
    Sequence array;
    std::vector<std::uint64_t> values;
    ASSERT_TRUE(reader.begin_array(array));
    while (reader.next(array)) reader.read_unsigned(values.emplace_back());
    EXPECT_TRUE(reader.finish());
    EXPECT_EQ(values, (std::vector<std::uint64_t>{1, 2, 3}));
  }
}

TEST(CborReaderTest, AMismatchSaysWhatItFoundAndWhere) {
  const std::string bytes = from_hex("82 01 61 61");
  Reader reader(bytes);
  Sequence array;
  std::uint64_t value = 0;
  EXPECT_TRUE(reader.begin_array(array) && reader.next(array) && reader.read_unsigned(value) &&
              reader.next(array));
  EXPECT_FALSE(reader.read_unsigned(value));
  EXPECT_EQ(reader.problem(), "expected an unsigned integer, found a text at byte 2");
  std::string_view text;
  EXPECT_FALSE(reader.read_text(text)) << "nothing is read after a problem";
}

TEST(CborReaderTest, AForgedLengthOrCountIsAProblemAndNoAllocation) {
  EXPECT_NE(problem_of("5b7fffffffffffffff 00"), "");
  EXPECT_NE(problem_of("9b7fffffffffffffff 00"), "");
  EXPECT_NE(problem_of("bb7fffffffffffffff 00"), "");
  EXPECT_NE(problem_of("bbffffffffffffffff 00"), "");
  const std::string bytes = from_hex("9b7fffffffffffffff 00");
  Reader reader(bytes);
  Sequence array;
  EXPECT_FALSE(reader.begin_array(array));
  EXPECT_EQ(reader.problem(), "an array of 9223372036854775807 elements in 1 bytes at byte 9");
}

TEST(CborReaderTest, FormsThatDaxNeverUsesAreRefused) {
  for (const auto* const hex :
       {"5f4100ff", "7f6161ff", "1c", "1f", "3f", "dc", "df00", "f8ff", "e0", "f7", "fc", "ff"}) {
    EXPECT_NE(problem_of(hex), "") << hex;
  }
}

TEST(CborReaderTest, ABreakStandsOnlyAtTheEndOfWhatIsIndefinite) {
  EXPECT_EQ(problem_of("9fff bfff 9f9fffff bf0000ff"), "");
  for (const auto* const hex : {"82ff00", "a1ff", "bf00ff", "c2ff", "9fc1ffff"})
    EXPECT_NE(problem_of(hex), "") << hex;
}

TEST(CborReaderTest, NestingHasAnEnd) {
  std::string nested(2 * kDepthMax, '8');
  for (std::size_t at = 1; at < nested.size(); at += 2) nested[at] = '1';
  EXPECT_EQ(problem_of(nested + "00"), "");
  EXPECT_EQ(problem_of("81" + nested + "00"), "values nested too deeply at byte 64");
}

TEST(CborReaderTest, ATextIsUtf8) {
  const std::string bytes = from_hex("62 c328");
  Reader reader(bytes);
  std::string_view text;
  EXPECT_FALSE(reader.read_text(text));
}

TEST(CborReaderTest, ABytesThatAreLeftAreAProblem) {
  const std::string bytes = from_hex("f6 00");
  Reader reader(bytes);
  EXPECT_TRUE(reader.read_null());
  EXPECT_FALSE(reader.finish());
  EXPECT_EQ(reader.problem(), "1 bytes too many at byte 1");
}

TEST(CborReaderTest, ContentIsWrappedInAByteStringOfItsLength) {
  std::string out = "x";
  out += std::string(300, 'y');
  wrap_bytes(out, 1);
  EXPECT_EQ(out.substr(0, 4), "x\x59\x01\x2c");
  EXPECT_EQ(out.substr(4), std::string(300, 'y'));
}

}  // namespace loopstate::dax::cbor
