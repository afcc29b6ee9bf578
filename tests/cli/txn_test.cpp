#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using TxnCommands = CliTest;

TEST_F(TxnCommands, MarkSaysWhetherItWasTheFirst) {
  EXPECT_TRUE(json(kDone, {"txn", "mark", "t1", "U1", "1250"}).boolean({"first"}));
  const auto second = json(kRefused, {"txn", "mark", "t1", "U2", "9"});
  EXPECT_FALSE(second.boolean({"first"}));
  EXPECT_EQ(second.string({"record", "user_pubkey"}), "U1");
  EXPECT_EQ(second.number({"record", "cred_amount"}), 1250);
}

TEST_F(TxnCommands, CheckShowsTheMark) {
  json(kDone, {"init"});
  EXPECT_FALSE(json(kNotThere, {"txn", "check", "t1"}).boolean({"processed"}));
  json(kDone, {"txn", "mark", "t1", "U1", "18446744073709551615"});
  const auto found = json(kDone, {"txn", "check", "t1"});
  EXPECT_TRUE(found.boolean({"processed"}));
  EXPECT_EQ(found.view().find({"record", "cred_amount"})->text(), "18446744073709551615");
}

TEST_F(TxnCommands, AmountsAreWholeNumbers) {
  for (const auto* amount : {"-1", "1.5", "18446744073709551616", "", "x", "0x10", "1e3", " 1", "+1"}) {
    fails(kMisused, "InvalidArgument", {"txn", "mark", "t1", "U1", amount});
  }
  json(kNotThere, {"txn", "check", "t1"});
}

TEST_F(TxnCommands, AClaimIsFreshThenInProgressThenDone) {
  const auto fresh = json(kDone, {"txn", "claim", "t1", "payload", "--holder", "worker-7"});
  EXPECT_EQ(fresh.string({"state"}), "fresh");
  EXPECT_EQ(fresh.number({"fence"}), 1);
  EXPECT_EQ(fresh.string({"holder"}), "worker-7");
  const auto other = json(kRefused, {"txn", "claim", "t1", "payload"});
  EXPECT_EQ(other.string({"state"}), "in_progress");
  EXPECT_EQ(other.number({"in_progress_until"}), fresh.number({"lease_until"}));
  const auto done = json(kDone, {"txn", "complete", "t1", "1", "U1", "1250", "sent"});
  EXPECT_EQ(done.string({"result"}), "sent");
  const auto replay = json(kRefused, {"txn", "claim", "t1", "payload"});
  EXPECT_EQ(replay.string({"state"}), "done");
  EXPECT_TRUE(replay.boolean({"replay"}));
  EXPECT_EQ(replay.string({"done", "result"}), "sent");
  EXPECT_EQ(json(kRefused, {"txn", "claim", "t1", "another"}).string({"state"}), "other_payload");
}

TEST_F(TxnCommands, APayloadMayComeFromAFileOrStandardInput) {
  const auto file = write_file("payload", "the payload");
  json(kDone, {"txn", "claim", "t1", "@" + file});
  EXPECT_EQ(json(kRefused, {"txn", "claim", "t1", "the payload"}).string({"state"}), "in_progress");
  EXPECT_EQ(json(kRefused, {"txn", "claim", "t1", "-"}, "the payload").string({"state"}), "in_progress");
  EXPECT_EQ(json(kRefused, {"txn", "claim", "t1", "-"}, "another").string({"state"}), "other_payload");
}

TEST_F(TxnCommands, ExtendAndReleaseNeedTheCurrentFence) {
  const auto claim = json(kDone, {"txn", "claim", "t1", "--lease", "10"});
  const auto longer = json(kDone, {"txn", "extend", "t1", "1", "--lease", "600"});
  EXPECT_GT(longer.number({"lease_until"}), claim.number({"lease_until"}) + 500);
  fails(kRefused, "Superseded", {"txn", "extend", "t1", "2"});
  fails(kRefused, "Superseded", {"txn", "complete", "t1", "2", "U1", "5"});
  json(kDone, {"txn", "release", "t1", "1"});
  const auto next = json(kDone, {"txn", "claim", "t1"});
  EXPECT_EQ(next.number({"fence"}), 2);
  fails(kRefused, "Superseded", {"txn", "complete", "t1", "1", "U1", "5"});
}

TEST_F(TxnCommands, AClaimThatIsNotThereIsSuperseded) {
  json(kDone, {"init"});
  fails(kRefused, "Superseded", {"txn", "extend", "t1", "1"});
  fails(kRefused, "Superseded", {"txn", "release", "t1", "1"});
}

TEST_F(TxnCommands, LeasesAndPoliciesHaveBounds) {
  fails(kMisused, "InvalidArgument", {"txn", "claim", "t1", "--lease", "0"});
  fails(kMisused, "InvalidArgument", {"txn", "claim", "t1", "--lease", "86401"});
  fails(kMisused, "InvalidArgument", {"txn", "claim", "t1", "--policy", "hope"});
  fails(kMisused, "InvalidArgument", {"txn", "claim", "t1", "@/no/such/file"});
}

}  // namespace
}  // namespace loopstate::cli_test
