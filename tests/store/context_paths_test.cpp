#include "store/documents/context_paths.hpp"
#include "base/json_text_access.hpp"
#include "store/rows/context_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "times.hpp"

namespace loopstate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ContextChange set(std::string path, std::string value) {
  return {std::move(path), JsonText::parse(value).value()};
}

ContextChange unset(std::string path) {
  return {std::move(path), std::nullopt};
}

Error refusal(const ContextChange& change) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  const auto before = context;
  const auto result = apply_change(context, change);
  EXPECT_FALSE(result) << change.path;
  EXPECT_EQ(context, before);
  return result ? Error{} : result.error();
}

TEST(ContextPaths, SetsEveryFieldOfVaultAndPreferences) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  for (const auto& change :
       {set("vault.cred_balance", "18446744073709551615"), set("vault.active_positions", "65535"),
        set("vault.snapshot_at", "-5"), set("preferences.auto_stake", "false"),
        set("preferences.default_duration_days", "30"), set("preferences.risk_tolerance", "\"b\\u00f6ld\""),
        set("preferences.notifications.on_stake", "true"),
        set("preferences.notifications.min_notify_amount", "7")}) {
    EXPECT_TRUE(apply_change(context, change)) << change.path;
  }
  EXPECT_EQ(context.vault.cred_balance, UINT64_MAX);
  EXPECT_EQ(context.vault.active_positions, 65535);
  EXPECT_EQ(context.vault.snapshot_at, from_unix_seconds(-5));
  EXPECT_FALSE(context.preferences.auto_stake);
  EXPECT_EQ(context.preferences.default_duration_days, 30);
  EXPECT_EQ(context.preferences.risk_tolerance, "böld");
  EXPECT_TRUE(context.preferences.notifications.on_stake);
  EXPECT_EQ(context.preferences.notifications.min_notify_amount, 7u);
}

TEST(ContextPaths, TakesEverythingBehindTheFirstDotAsTheMemoryKey) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  ASSERT_TRUE(apply_change(context, set("agent_memory.a.b", "[1.10]")));
  EXPECT_EQ(context.agent_memory.at("a.b").text(), "[1.10]");
  ASSERT_TRUE(apply_change(context, unset("agent_memory.a.b")));
  EXPECT_THAT(context.agent_memory, IsEmpty());
}

TEST(ContextPaths, RefusesToRemoveAMemoryKeyThatIsNotThere) {
  EXPECT_EQ(refusal(unset("agent_memory.k")).code, ErrorCode::NotFound);
}

TEST(ContextPaths, RefusesMemoryKeysThatAreNoNames) {
  EXPECT_EQ(refusal(set("agent_memory.", "1")).code, ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(set("agent_memory." + std::string(201, 'k'), "1")).code, ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(set("agent_memory", "{}")).message,
            "path agent_memory is an object; name a key of it, as in agent_memory.KEY");
}

TEST(ContextPaths, PutsTheDefaultBackWhereAFieldIsUnset) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  context.preferences.notifications.on_capture = false;
  context.preferences.compound_threshold = 1;
  ASSERT_TRUE(apply_change(context, unset("preferences.notifications.on_capture")));
  ASSERT_TRUE(apply_change(context, unset("preferences.compound_threshold")));
  EXPECT_TRUE(context.preferences.notifications.on_capture);
  EXPECT_EQ(context.preferences.compound_threshold, 10'000'000'000u);
}

TEST(ContextPaths, RefusesPathsThatDoNotExistByName) {
  for (const auto path :
       {"", ".", "vault.", "vault.nothing", "nothing", "preferences.auto_stake.x", "preferences.auto_stake.",
        "preferences..auto_stake", "Vault.cred_balance", "unknown.x"}) {
    const auto error = refusal(set(path, "true"));
    EXPECT_EQ(error.code, ErrorCode::InvalidArgument);
    EXPECT_EQ(error.message, "a context has no path " + std::string(path));
  }
}

TEST(ContextPaths, RefusesWholeObjectsAndNamesAFieldOfThem) {
  EXPECT_EQ(refusal(set("vault", "{}")).message,
            "path vault is an object; name a field of it, as in vault.cred_balance");
  EXPECT_EQ(refusal(unset("preferences.notifications")).code, ErrorCode::InvalidArgument);
}

TEST(ContextPaths, RefusesWhatTheStoreKeeps) {
  for (const auto path : {"pubkey", "version", "updated_at", "recent_events", "recent_events.0"}) {
    EXPECT_NE(refusal(set(path, "1")).message.find("is maintained by the store"), std::string::npos) << path;
  }
}

TEST(ContextPaths, RefusesValuesOfAnotherTypeOrOutOfRange) {
  EXPECT_EQ(refusal(set("vault.active_positions", "70000")).message,
            "path vault.active_positions: expected an integer from 0 to 65535, found the number 70000");
  EXPECT_EQ(refusal(set("preferences.risk_tolerance", "1")).message,
            "path preferences.risk_tolerance: expected a string, found the number 1");
  EXPECT_EQ(refusal(set("preferences.auto_stake", "null")).message,
            "path preferences.auto_stake: expected true or false, found null");
  EXPECT_EQ(refusal(set("vault.cred_balance", "1.0")).code, ErrorCode::InvalidArgument);
}

TEST(ChangedPaths, NamesEachPathThatDiffers) {
  auto from = new_context(UserId{"U"}, from_unix_seconds(1));
  from.agent_memory = {{"gone", {}}, {"same", {}}, {"other", {}}};
  from.unknown = {{"u1", trusted_json("1")}, {"u2", trusted_json("2")}};
  auto to = new_context(UserId{"U"}, from_unix_seconds(2));
  to.version = 9;
  to.vault.oxo_balance = 1;
  to.preferences.notifications.on_stake = true;
  to.preferences.unknown = {{"p", trusted_json("1")}};
  to.recent_events.push_back({"e", from_unix_seconds(1), "s", {}, {}});
  to.agent_memory = {{"same", {}}, {"other", trusted_json("1")}, {"new.key", {}}};
  to.unknown = {{"u2", trusted_json("3")}};
  EXPECT_THAT(changed_paths(from, to), ElementsAre("vault.oxo_balance", "preferences.notifications.on_stake",
                                                   "preferences.p", "recent_events", "agent_memory.gone",
                                                   "agent_memory.new.key", "agent_memory.other", "u2", "u1"));
}

TEST(ChangedPaths, LeavesOutWhatEveryWriteChanges) {
  auto from = new_context(UserId{"U"}, from_unix_seconds(1));
  auto to = new_context(UserId{"U"}, from_unix_seconds(2));
  to.version = 2;
  store::row_of(to).write_ids = {"x"};
  EXPECT_THAT(changed_paths(from, to), IsEmpty());
}

}  // namespace
}  // namespace loopstate::store
