#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using SessionCommands = CliTest;

constexpr const char* kSession =
    R"({"key_pubkey":"K","vault_pubkey":"V","scopes":["read","capture"],"max_actions":2})";

TEST_F(SessionCommands, PutFillsInTheTimes) {
  const auto stored = json(kDone, {"session", "put", "U1", "-"}, kSession);
  EXPECT_EQ(stored.number({"expires_at"}), stored.number({"created_at"}) + 86'400);
  EXPECT_EQ(json(kDone, {"session", "get", "U1"}).text, stored.text);
}

TEST_F(SessionCommands, AuthorizeCountsDownThenRefuses) {
  json(kDone, {"session", "put", "U1", "-"}, kSession);
  EXPECT_EQ(json(kDone, {"session", "authorize", "U1", "capture"}).number({"actions_left"}), 1);
  fails(kRefused, "ScopeDenied", {"session", "authorize", "U1", "transfer"});
  EXPECT_EQ(json(kDone, {"session", "authorize", "U1", "read"}).number({"actions_left"}), 0);
  fails(kRefused, "NoActionsLeft", {"session", "authorize", "U1", "read"});
  EXPECT_EQ(json(kDone, {"session", "get", "U1"}).number({"actions_used"}), 2);
}

TEST_F(SessionCommands, RevokeEndsIt) {
  json(kDone, {"init"});
  fails(kNotThere, "NotFound", {"session", "revoke", "U1"});
  json(kDone, {"session", "put", "U1", "-"}, kSession);
  EXPECT_TRUE(json(kDone, {"session", "revoke", "U1"}).boolean({"revoked"}));
  fails(kNotThere, "NotFound", {"session", "authorize", "U1", "read"});
  fails(kNotThere, "NotFound", {"session", "get", "U1"});
}

TEST_F(SessionCommands, BadDocumentsAreRefused) {
  json(kDone, {"init"});
  for (const auto* bad :
       {"", "{}", R"({"key_pubkey":"K","vault_pubkey":"V","scopes":"read","max_actions":2})",
        R"({"key_pubkey":"K","vault_pubkey":"V","scopes":["read"],"max_actions":-2})",
        R"({"key_pubkey":"K","vault_pubkey":"V","scopes":["read"],"max_actions":4294967296})"}) {
    fails(kMisused, "InvalidArgument", {"session", "put", "U1", "-"}, bad);
  }
  fails(kNotThere, "NotFound", {"session", "get", "U1"});
}

}  // namespace
}  // namespace loopstate::cli_test
