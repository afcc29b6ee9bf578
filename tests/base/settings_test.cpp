#include "loopstate/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "times.hpp"

namespace loopstate {
namespace {

using testing::HasSubstr;

Environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Settings settings_of(std::map<std::string, std::string, std::less<>> variables) {
  auto out = Settings::from_environment(environment_of(std::move(variables)));
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? *out : Settings{};
}

std::string refusal_of(std::string name, std::string value) {
  const auto out = Settings::from_environment(environment_of({{std::move(name), std::move(value)}}));
  if (out) return "accepted";
  EXPECT_EQ(out.error().code, ErrorCode::InvalidArgument);
  return out.error().message;
}

TEST(Settings, AnEmptyEnvironmentGivesTheDefaults) {
  const Settings out = settings_of({});
  EXPECT_EQ(out.url, "embedded:./loopstate.db");
  EXPECT_EQ(out.fingerprint_index, "CardFingerprintIndex");
  EXPECT_EQ(out.store.max_pending_captures, 10u);
  EXPECT_EQ(out.store.session_lifetime, 86'400s);
  EXPECT_EQ(out.store.pending_lifetime, 1'814'400s);
}

TEST(Settings, EveryVariableIsRead) {
  const Settings out = settings_of({{"LOOPSTATE_URL", "embedded:/var/lib/x.db"},
                                    {"DYNAMO_FINGERPRINT_GSI", "ByCard"},
                                    {"MAX_PENDING_CAPTURES", "1000"},
                                    {"SESSION_TTL_SECONDS", "1"},
                                    {"PENDING_TTL_SECONDS", "315360000"}});
  EXPECT_EQ(out.url, "embedded:/var/lib/x.db");
  EXPECT_EQ(out.fingerprint_index, "ByCard");
  EXPECT_EQ(out.store.max_pending_captures, 1000u);
  EXPECT_EQ(out.store.session_lifetime, 1s);
  EXPECT_EQ(out.store.pending_lifetime, 315'360'000s);
}

TEST(Settings, TheRustCratesTableIsUsedWhereNoUrlIsSet) {
  EXPECT_EQ(settings_of({{"DYNAMO_TABLE", "LoopState"}}).url, "dynamodb:LoopState");
}

TEST(Settings, TheUrlWinsOverTheRustCratesTable) {
  EXPECT_EQ(settings_of({{"DYNAMO_TABLE", "LoopState"}, {"LOOPSTATE_URL", "dynamodb:Other"}}).url,
            "dynamodb:Other");
}

TEST(Settings, AnEmptyVariableIsAsGoodAsNone) {
  const Settings out =
      settings_of({{"LOOPSTATE_URL", ""}, {"MAX_PENDING_CAPTURES", ""}, {"DAX_ENDPOINT", ""}});
  EXPECT_EQ(out.url, "embedded:./loopstate.db");
  EXPECT_EQ(out.store.max_pending_captures, 10u);
}

TEST(Settings, ANumberOutOfBoundsIsRefusedByName) {
  for (const char* value :
       {"0", "1001", "-1", "4294967297", "99999999999999999999", "ten", "10 ", " 10", "1.5", "+1"}) {
    EXPECT_THAT(refusal_of("MAX_PENDING_CAPTURES", value), HasSubstr("1 to 1000")) << value;
  }
  EXPECT_THAT(refusal_of("SESSION_TTL_SECONDS", "315360001"),
              HasSubstr("SESSION_TTL_SECONDS is \"315360001\""));
  EXPECT_THAT(refusal_of("PENDING_TTL_SECONDS", "0"), HasSubstr("1 to 315360000"));
}

TEST(Settings, AUrlOfNoEngineIsRefused) {
  for (const char* value : {"embedded:", "dynamodb:", "postgres://x", "./loopstate.db", "dynamodb:a b"}) {
    EXPECT_THAT(refusal_of("LOOPSTATE_URL", value), HasSubstr("LOOPSTATE_URL")) << value;
  }
}

TEST(Settings, ATableNameThatTheServiceWouldRefuseIsRefused) {
  EXPECT_THAT(refusal_of("DYNAMO_TABLE", "x"), HasSubstr("DYNAMO_TABLE"));
  EXPECT_THAT(refusal_of("DYNAMO_FINGERPRINT_GSI", "by card"), HasSubstr("DYNAMO_FINGERPRINT_GSI"));
}

TEST(Settings, TheClusterInFrontOfTheTableIsTakenAsItIs) {
  EXPECT_EQ(settings_of({{"DAX_ENDPOINT", "dax://cluster:8111"}}).dax_endpoint, "dax://cluster:8111");
  EXPECT_EQ(settings_of({}).dax_endpoint, "");
}

TEST(Settings, TheProcessEnvironmentIsReadWhenAsked) {
  ASSERT_EQ(setenv("LOOPSTATE_SETTINGS_TEST", "here", 1), 0);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(process_environment()("LOOPSTATE_SETTINGS_TEST"), "here");
  EXPECT_EQ(process_environment()("LOOPSTATE_SETTINGS_TEST_MISSING"), std::nullopt);
}

}  // namespace
}  // namespace loopstate
