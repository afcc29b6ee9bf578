#include <chrono>
#include <ctime>
#include <thread>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using ContextCommands = CliTest;

TEST_F(ContextCommands, InitMakesTheDefaults) {
  const auto context = json(kDone, {"context", "init", "U1"});
  EXPECT_EQ(context.string({"pubkey"}), "U1");
  EXPECT_EQ(context.number({"version"}), 1);
  EXPECT_EQ(context.string({"preferences", "risk_tolerance"}), "balanced");
  EXPECT_EQ(context.number({"preferences", "compound_threshold"}), 10'000'000'000);
}

TEST_F(ContextCommands, InitTwiceAnswersTheSame) {
  const auto first = json(kDone, {"context", "init", "U1"});
  EXPECT_EQ(json(kDone, {"context", "init", "U1"}).text, first.text);
}

TEST_F(ContextCommands, GetOfAnUnknownUserIsNotThere) {
  json(kDone, {"init"});
  fails(kNotThere, "NotFound", {"context", "get", "U1"});
}

TEST_F(ContextCommands, GetAsTextShowsWhatAPersonAsksFor) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"context", "event", "U1", "capture", "Coffee at Rosa", "--amount", "450"});
  const auto shown = text({"context", "get", "U1"});
  EXPECT_EQ(shown.status, kDone);
  EXPECT_NE(shown.out.find("version 2"), std::string::npos);
  EXPECT_NE(shown.out.find("Coffee at Rosa"), std::string::npos);
  EXPECT_EQ(shown.out.find('\x1b'), std::string::npos) << "no colours into a pipe";
}

TEST_F(ContextCommands, PutStoresTheNextVersionAndAnswersIt) {
  const auto before = json(kDone, {"context", "init", "U1"});
  EXPECT_EQ(json(kDone, {"context", "put", "U1", "-"}, before.text.text()).number({"version"}), 2);
  const auto file = write_file("context.json", json(kDone, {"context", "get", "U1"}).text.text());
  EXPECT_EQ(json(kDone, {"context", "put", "U1", file}).number({"version"}), 3);
}

TEST_F(ContextCommands, PutOverANewerVersionIsAConflictThatCarriesTheStoredContext) {
  const auto before = json(kDone, {"context", "init", "U1"});
  json(kDone, {"context", "patch", "U1", "vault.cred_balance", "5"});
  const auto refused = json(kRefused, {"context", "put", "U1", "-"}, before.text.text());
  EXPECT_EQ(refused.string({"error", "code"}), "VersionConflict");
  EXPECT_EQ(refused.number({"error", "current", "version"}), 2);
  EXPECT_EQ(refused.number({"error", "current", "vault", "cred_balance"}), 5);
}

TEST_F(ContextCommands, PutKeepsFieldsAndNumbersThatItDoesNotKnow) {
  auto document = json(kDone, {"context", "init", "U1"}).text.text();
  document.insert(1, R"("from_the_future":{"n":1.00000000000000000001},)");
  json(kDone, {"context", "put", "U1", "-"}, document);
  const auto stored = json(kDone, {"context", "get", "U1"});
  EXPECT_EQ(stored.member("from_the_future").text.text(), R"({"n":1.00000000000000000001})");
}

TEST_F(ContextCommands, PutOfAnotherUsersContextIsMisuse) {
  const auto context = json(kDone, {"context", "init", "U1"});
  fails(kMisused, "InvalidArgument", {"context", "put", "U2", "-"}, context.text.text());
}

TEST_F(ContextCommands, PutRefusesWhatIsNoContextAndChangesNothing) {
  const auto before = json(kDone, {"context", "init", "U1"});
  for (const auto* bad : {"", "{", "[]", "{}", R"({"pubkey":"U1"})", "\xff", "null"}) {
    fails(kMisused, "InvalidArgument", {"context", "put", "U1", "-"}, bad);
  }
  std::string deep(100'000, '[');
  fails(kMisused, "InvalidArgument", {"context", "put", "U1", "-"}, deep);
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).text, before.text);
}

TEST_F(ContextCommands, PatchChangesSeveralPathsInOneVersion) {
  json(kDone, {"context", "init", "U1"});
  const auto answer =
      json(kDone, {"context", "patch", "U1", "preferences.risk_tolerance", "bold", "vault.cred_balance",
                   "18446744073709551615", "agent_memory.a.b", "[1,2]", "preferences.auto_stake", "false"});
  EXPECT_EQ(answer.number({"version"}), 2);
  const auto context = json(kDone, {"context", "get", "U1"});
  EXPECT_EQ(context.string({"preferences", "risk_tolerance"}), "bold");
  EXPECT_EQ(context.view().find({"vault", "cred_balance"})->text(), "18446744073709551615");
  EXPECT_EQ(context.view().find({"agent_memory", "a.b"})->text(), "[1,2]");
  EXPECT_FALSE(context.boolean({"preferences", "auto_stake"}));
}

TEST_F(ContextCommands, PatchUnsetsPaths) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"context", "patch", "U1", "vault.cred_balance", "7", "agent_memory.k", "1"});
  json(kDone, {"context", "patch", "U1", "--unset", "vault.cred_balance", "--unset", "agent_memory.k"});
  const auto context = json(kDone, {"context", "get", "U1"});
  EXPECT_EQ(context.number({"vault", "cred_balance"}), 0);
  EXPECT_FALSE(context.has({"agent_memory", "k"}));
}

TEST_F(ContextCommands, PatchRefusesByNameAndWritesNothing) {
  const auto before = json(kDone, {"context", "init", "U1"});
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"vault.bogus", "1"},
      {"vault.cred_balance", "-1"},
      {"vault.cred_balance", "18446744073709551616"},
      {"vault.cred_balance", "1.5"},
      {"vault.active_positions", "65536"},
      {"preferences.auto_stake", "maybe"},
      {"pubkey", "U2"},
      {"version", "9"},
      {"vault.cred_balance", "{\"a\":"},
      {"", "1"},
      {"agent_memory.", "1"}};
  for (const auto& [path, value] : bad) {
    fails(kMisused, "InvalidArgument",
          {"context", "patch", "U1", "preferences.auto_compound", "false", path, value});
  }
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).text, before.text);
}

TEST_F(ContextCommands, PatchNeedsPairs) {
  json(kDone, {"context", "init", "U1"});
  fails(kMisused, "InvalidArgument", {"context", "patch", "U1"});
  fails(kMisused, "InvalidArgument", {"context", "patch", "U1", "vault.cred_balance"});
}

TEST_F(ContextCommands, ARepeatedRequestChangesNothing) {
  json(kDone, {"context", "init", "U1"});
  const std::vector<std::string> call = {"context", "event", "U1", "t", "once", "--request-id", "r-1"};
  EXPECT_EQ(json(kDone, call).number({"version"}), 2);
  EXPECT_EQ(json(kDone, call).number({"version"}), 2);
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).member("recent_events").size(), 1u);
}

TEST_F(ContextCommands, ARequestRepeatedInALaterSecondIsTheSameRequest) {
  const std::vector<std::string> call = {"context", "event", "U1", "t", "once", "--request-id", "r-1"};
  const auto first = json(kDone, call);
  // The program uses the machine's clock: wait until it shows another second.
  const auto begun = std::time(nullptr);
  while (std::time(nullptr) == begun) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(json(kDone, call).number({"version"}), first.number({"version"}));
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).member("recent_events").size(), 1u);
}

TEST_F(ContextCommands, AnotherWriteUnderTheSameRequestIdIsRefused) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"context", "event", "U1", "t", "once", "--request-id", "r-1"});
  fails(kRefused, "RequestIdReused", {"context", "event", "U1", "t", "else", "--request-id", "r-1"});
  fails(kRefused, "RequestIdReused", {"memory", "set", "U1", "k", "1", "--request-id", "r-1"});
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).number({"version"}), 2);
}

TEST_F(ContextCommands, EventKeepsTheTenNewest) {
  for (int i = 0; i < 11; ++i) json(kDone, {"context", "event", "U1", "t", "event " + std::to_string(i)});
  const auto events = json(kDone, {"context", "get", "U1"}).member("recent_events");
  EXPECT_EQ(events.size(), 10u);
  EXPECT_EQ(events.at(0).string({"summary"}), "event 10");
  EXPECT_EQ(events.at(9).string({"summary"}), "event 1");
}

TEST_F(ContextCommands, BatchAnswersInTheOrderAskedEachOnItsOwn) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"context", "init", "U2"});
  const auto answers = json(kNotThere, {"context", "batch", "U2", "nobody", "U1"});
  EXPECT_EQ(answers.at(0).string({"context", "pubkey"}), "U2");
  EXPECT_EQ(answers.at(1).string({"error", "code"}), "NotFound");
  EXPECT_EQ(answers.at(2).string({"context", "pubkey"}), "U1");
  EXPECT_EQ(json(kDone, {"context", "batch", "--from", "-"}, "U1\nU2\r\n\n").size(), 2u);
}

TEST_F(ContextCommands, AUserMayBeNamedLikeACommand) {
  for (const auto* name : {"init", "get", "context", "export", "-7"}) {
    EXPECT_EQ(json(kDone, {"context", "init", name}).string({"pubkey"}), name);
  }
}

using MemoryCommands = CliTest;

TEST_F(MemoryCommands, SetThenGetGivesTheValueAsItWas) {
  json(kDone, {"context", "init", "U1"});
  EXPECT_EQ(
      json(kDone, {"memory", "set", "U1", "goal", R"({"big":18446744073709551616.5})"}).number({"version"}),
      2);
  EXPECT_EQ(json(kDone, {"memory", "get", "U1", "goal"}).text.text(), R"({"big":18446744073709551616.5})");
}

TEST_F(MemoryCommands, ABareWordIsAString) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"memory", "set", "U1", "mood", "very good"});
  EXPECT_EQ(json(kDone, {"memory", "get", "U1", "mood"}).text.text(), R"("very good")");
}

TEST_F(MemoryCommands, WhatIsNotThereIsNotThere) {
  json(kDone, {"init"});
  fails(kNotThere, "NotFound", {"memory", "get", "U1", "goal"});
  fails(kNotThere, "NotFound", {"memory", "set", "U1", "goal", "1"});
  json(kDone, {"context", "init", "U1"});
  fails(kNotThere, "NotFound", {"memory", "get", "U1", "goal"});
  fails(kNotThere, "NotFound", {"memory", "forget", "U1", "goal"});
}

TEST_F(MemoryCommands, ForgetRemovesTheKey) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"memory", "set", "U1", "goal", "1"});
  EXPECT_EQ(json(kDone, {"memory", "forget", "U1", "goal"}).number({"version"}), 3);
  fails(kNotThere, "NotFound", {"memory", "get", "U1", "goal"});
}

TEST_F(MemoryCommands, AContextHasABound) {
  json(kDone, {"context", "init", "U1"});
  auto context = json(kDone, {"context", "get", "U1"}).text.text();
  context.replace(context.find("\"agent_memory\":{"), 16,
                  "\"agent_memory\":{\"big\":\"" + std::string(400'000, 'x') + "\"");
  fails(kFailed, "ItemTooLarge", {"context", "put", "U1", "-"}, context);
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).number({"version"}), 1);
}

}  // namespace
}  // namespace loopstate::cli_test
