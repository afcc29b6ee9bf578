#include "store/documents/session_json.hpp"

#include <gtest/gtest.h>

#include "store/fixture_items.hpp"
#include "times.hpp"

namespace loopstate::store {
namespace {

using testing::rust_text;

TEST(SessionJson, ReadsTheRustCratesSessionAndWritesItBack) {
  const auto text = rust_text("SESSION", "session_data");
  const auto session = stored_session_from_json(text);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->scopes, (std::vector<std::string>{"read", "capture"}));
  EXPECT_EQ(session->expires_at, from_unix_seconds(1795579476));
  EXPECT_EQ(session->max_actions, 5u);
  EXPECT_EQ(session->actions_used, 1u);
  EXPECT_EQ(to_json(*session), text);
}

TEST(SessionJson, LetsAPersonLeaveOutWhatTheStoreFillsIn) {
  const auto given = R"({"key_pubkey":"K","vault_pubkey":"V","scopes":[],"max_actions":3})";
  const auto session = session_from_json(given);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->expires_at, Timestamp{});
  EXPECT_EQ(stored_session_from_json(given).error().message, "field expires_at: missing");
}

TEST(SessionJson, NamesAFieldThatIsWrong) {
  const auto session =
      session_from_json(R"({"key_pubkey":"K","vault_pubkey":"V","scopes":["a",1],"max_actions":3})");
  EXPECT_EQ(session.error().message, "field scopes[1]: expected a string, found the number 1");
  EXPECT_EQ(session_from_json(R"({"key_pubkey":"K","vault_pubkey":"V","scopes":[],"max_actions":4294967296})")
                .error()
                .message,
            "field max_actions: expected an integer from 0 to 4294967295, found the number 4294967296");
}

}  // namespace
}  // namespace loopstate::store
