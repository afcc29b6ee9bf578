#include <gtest/gtest.h>

#include "json/reader.hpp"
#include "loopstate/context.hpp"
#include "store/fixture_items.hpp"
#include "times.hpp"

namespace loopstate {
namespace {

using testing::rust_text;

// A stored context with `from` replaced by `to`.
std::string rust_context_with(std::string_view from, std::string_view to) {
  auto text = rust_text("CONTEXT", "context_data");
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& text) {
  const auto context = context_from_json(text);
  EXPECT_FALSE(context);
  if (context) return "";
  EXPECT_EQ(context.error().code, ErrorCode::CorruptItem);
  return context.error().message;
}

TEST(ContextJson, ReadsEveryFieldOfTheRustCrates) {
  const auto context = context_from_json(rust_text("CONTEXT", "context_data"));
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_EQ(context->pubkey.text(), "U1");
  EXPECT_EQ(context->vault.cred_balance, 18446744073709551614u);
  EXPECT_EQ(context->vault.total_staked, 1152921504606846976u);
  EXPECT_EQ(context->vault.active_positions, 65535);
  EXPECT_EQ(context->preferences.risk_tolerance, "bold \"quoted\" ünï©ode 😀\n");
  ASSERT_EQ(context->recent_events.size(), 1u);
  EXPECT_EQ(context->recent_events[0].summary, "first");
  EXPECT_FALSE(context->recent_events[0].amount);
  EXPECT_EQ(context->agent_memory.at("goal").text(),
            R"({"a":[1,2.5,null,true,"x"],"big":18446744073709551615})");
  EXPECT_EQ(context->version, 1u);
  EXPECT_TRUE(context->unknown.empty());
}

TEST(ContextJson, WritesTheRustCratesTextBackByteForByte) {
  const auto text = rust_text("CONTEXT", "context_data");
  EXPECT_EQ(to_json(*context_from_json(text)), text);
}

TEST(ContextJson, WritesANewUsersContextAsTheRustCrateWould) {
  EXPECT_EQ(
      to_json(new_context(UserId{"U9"}, from_unix_seconds(1795575875))),
      R"({"pubkey":"U9","vault":{"cred_balance":0,"oxo_balance":0,"total_staked":0,"pending_yield":0,)"
      R"("active_positions":0,"snapshot_at":0},"preferences":{"auto_stake":true,"default_duration_days":90,)"
      R"("auto_compound":true,"compound_threshold":10000000000,"risk_tolerance":"balanced","notifications":)"
      R"({"on_capture":true,"on_stake":false,"on_yield":true,"on_unlock":true,"min_notify_amount":1000000000}},)"
      R"("recent_events":[],"agent_memory":{},"updated_at":1795575875,"version":1})");
}

TEST(ContextJson, KeepsUnknownMembersOfEveryLevelByteForByte) {
  auto text = rust_context_with(R"("snapshot_at":)", R"("v2": { "x" : 1.10 },"snapshot_at":)");
  text.insert(text.find(R"("on_capture")"), R"("n2":1e400,)");
  text.insert(text.find(R"("auto_stake")"), R"("p2":[ 1 ],)");
  text.insert(text.find(R"("event_type")"), R"("e2":"\u00e9",)");
  text.insert(1, R"("c2":123456789012345678901234567890,"c\"3":null,)");
  const auto context = context_from_json(text);
  ASSERT_TRUE(context) << context.error().message;
  const auto written = to_json(*context);
  for (const auto kept : {R"("v2":{ "x" : 1.10 }})", R"("n2":1e400})", R"("p2":[ 1 ]})", R"("e2":"\u00e9"})",
                          R"("c2":123456789012345678901234567890,"c\"3":null})"}) {
    EXPECT_NE(written.find(kept), std::string::npos) << kept;
  }
  EXPECT_EQ(to_json(*context_from_json(written)), written);
}

TEST(ContextJson, NamesAFieldThatIsMissing) {
  EXPECT_EQ(refusal(rust_context_with(R"("cred_balance":18446744073709551614,)", "")),
            "field vault.cred_balance: missing");
  EXPECT_EQ(refusal(rust_context_with(R"("on_unlock":true,)", "")),
            "field preferences.notifications.on_unlock: missing");
  EXPECT_EQ(refusal(rust_context_with(R"("summary":"first",)", "")),
            "field recent_events[0].summary: missing");
  EXPECT_EQ(refusal("{}"), "field pubkey: missing");
}

TEST(ContextJson, NamesAFieldOfAnotherTypeOrOutOfRange) {
  EXPECT_EQ(refusal(rust_context_with("65535", "65536")),
            "field vault.active_positions: expected an integer from 0 to 65535, found the number 65536");
  EXPECT_EQ(
      refusal(rust_context_with("18446744073709551614", "-1")),
      "field vault.cred_balance: expected an integer from 0 to 18446744073709551615, found the number -1");
  EXPECT_EQ(refusal(rust_context_with(R"("auto_stake":true)", R"("auto_stake":1)")),
            "field preferences.auto_stake: expected true or false, found the number 1");
  EXPECT_EQ(refusal(rust_context_with(R"("first")", "null")),
            "field recent_events[0].summary: expected a string, found null");
}

TEST(ContextJson, AllowsAnAmountThatIsMissingOrNull) {
  EXPECT_TRUE(context_from_json(rust_context_with(R"(,"amount":null)", "")));
  const auto context =
      context_from_json(rust_context_with(R"("amount":null)", R"("amount":18446744073709551615)"));
  EXPECT_EQ(context->recent_events[0].amount, UINT64_MAX);
}

TEST(ContextJson, RefusesAMemberThatComesTwice) {
  EXPECT_NE(refusal(rust_context_with(R"("oxo_balance":7)", R"("cred_balance":7)")), "");
  EXPECT_NE(refusal(rust_context_with(R"("big")", R"("a")")), "");
}

TEST(ContextJson, RefusesWhatIsNoContext) {
  for (const auto text : {"", "null", "[]", "7", "{", "{}x"}) EXPECT_NE(refusal(text), "");
  EXPECT_EQ(refusal(rust_text("CONTEXT", "context_data") + "x"),
            "not readable at byte 678: expected the end of the text");
}

TEST(ContextJson, ReadsMemoryThatIsNestedDeeperThanACallerMayStore) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_TRUE(context_from_json(rust_context_with("18446744073709551615", deep)));
  EXPECT_FALSE(JsonText::parse(deep));
}

}  // namespace
}  // namespace loopstate
