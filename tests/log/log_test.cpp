#include "log/log.hpp"

namespace loopstate::log {
namespace {

template <typename T>
concept Loggable = requires(Fields fields, T value) { std::move(fields).add("x", value); };

struct Captured {
  std::vector<std::string> lines;
  Logger logger(Options options) {
    return Logger::to_sink(options, [this](Level, std::string_view line) { lines.emplace_back(line); });
  }
};

Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

TEST(LogFormat, TextQuotesOnlyWhatNeedsIt) {
  const auto fields = Fields().add("user", "U1").add("note", "two words").add("n", 3).add("ok", true);
  EXPECT_EQ(format_line(Format::Text, "recorded", {}, fields),
            "recorded user=U1 note=\"two words\" n=3 ok=true");
}

TEST(LogFormat, JsonKeepsTypesAndPutsCommonFieldsFirst) {
  const auto common = Fields().add("request_id", "r1");
  const auto fields = Fields().add("n", -3).add("big", UINT64_MAX).add("ok", false);
  EXPECT_EQ(format_line(Format::Json, "done", common, fields),
            R"("message":"done","request_id":"r1","n":-3,"big":18446744073709551615,"ok":false)");
}

TEST(LogFormat, FieldsGatherInANamedObject) {
  Fields fields;
  fields.put("a", 1);
  fields.put("b", "two");
  EXPECT_EQ(format_line(Format::Text, "m", {}, fields), "m a=1 b=two");
}

TEST(LogFormat, AFieldCannotForgeALine) {
  const auto fields = Fields().add("user", "U1\n{\"level\":\"error\"}\x1b[2J");
  const auto text = format_line(Format::Text, "a\nb", {}, fields);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(format_line(Format::Json, "m", {}, fields),
            "\"message\":\"m\",\"user\":\"U1\\n{\\\"level\\\":\\\"error\\\"}\\u001b[2J\"");
}

TEST(LogFormat, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(format_line(Format::Json, "m", {}, Fields().add("x", "a\xff z")),
            "\"message\":\"m\",\"x\":\"a\xEF\xBF\xBD z\"");
}

// Where `char` is unsigned, as on arm64, these bytes are not less than a letter.
TEST(LogFormat, TextTakesNothingOutsideAsciiAsItIs) {
  const auto fields = Fields().add("csi", "a\xC2\x9B[2J").add("x", "a\xff");
  EXPECT_EQ(format_line(Format::Text, "m", {}, fields), "m csi=\"a\\u009b[2J\" x=\"a\xEF\xBF\xBD\"");
}

TEST(LogFormat, AFingerprintIsNotAFieldsType) {
  static_assert(Loggable<UserId>);
  static_assert(!Loggable<Fingerprint>);
  static_assert(!Loggable<std::vector<char>>);
}

TEST(Logger, JsonLinesAreWholeObjectsWithTimeAndLevel) {
  Captured captured;
  captured.logger({Format::Json, Level::Info}).warn("watch out", Fields().add("n", 1));
  ASSERT_EQ(captured.lines.size(), 1u);
  EXPECT_THAT(captured.lines[0],
              testing::MatchesRegex(
                  R"(\{"time":"....-..-..T..:..:..\....Z","level":"warning","message":"watch out","n":1\})"));
}

TEST(Logger, SaysNothingBelowItsLevel) {
  Captured captured;
  const auto logger = captured.logger({Format::Text, Level::Warn});
  logger.info("quiet");
  EXPECT_TRUE(captured.lines.empty());
  EXPECT_FALSE(logger.enabled(Level::Info));
  logger.error("loud");
  EXPECT_EQ(captured.lines.size(), 1u);
}

TEST(Logger, CarriesCommonFieldsIntoEveryLine) {
  Captured captured;
  const auto logger = captured.logger({}).with(Fields().add("request_id", "r9"));
  logger.info("one");
  logger.with(Fields().add("step", 2)).info("two");
  ASSERT_EQ(captured.lines.size(), 2u);
  EXPECT_THAT(captured.lines[0], testing::EndsWith("one request_id=r9"));
  EXPECT_THAT(captured.lines[1], testing::EndsWith("two request_id=r9 step=2"));
}

TEST(Logger, ABracesInTheMessageAreNoFormat) {
  Captured captured;
  captured.logger({}).info("{} {0} %v");
  EXPECT_THAT(captured.lines.at(0), testing::EndsWith("{} {0} %v"));
}

TEST(LogOptions, DependOnTheTerminalUnlessSaid) {
  EXPECT_EQ(options_from_environment(environment_of({}), true)->format, Format::Text);
  EXPECT_EQ(options_from_environment(environment_of({}), false)->format, Format::Json);
  const auto said = environment_of({{"LOOPSTATE_LOG", "text"}, {"LOOPSTATE_LOG_LEVEL", "debug"}});
  EXPECT_EQ(options_from_environment(said, false)->format, Format::Text);
  EXPECT_EQ(options_from_environment(said, false)->level, Level::Debug);
}

TEST(LogOptions, NameTheVariableThatIsWrong) {
  const auto wrong = options_from_environment(environment_of({{"LOOPSTATE_LOG_LEVEL", "loud"}}), false);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("LOOPSTATE_LOG_LEVEL is \"loud\""));
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("\"warn\""));
}

}  // namespace
}  // namespace loopstate::log
