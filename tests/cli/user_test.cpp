#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using UserCommands = CliTest;

TEST_F(UserCommands, SnapshotHasEverything) {
  json(kDone, {"init"});
  fails(kNotThere, "NotFound", {"snapshot", "U1"});
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"card", "link", "fp1", "U1", "--last4", "4242"});
  json(kDone, {"location", "set", "U1", "M1"});
  json(kDone, {"capture", "add", "U1", "-"}, R"({"merchant_id":"M1","amount_cents":1250,"currency":"JPY"})");
  json(kDone, {"doc", "append", "U1", "chat-1", "-"}, "hello");
  const auto all = json(kDone, {"snapshot", "U1"});
  EXPECT_EQ(all.number({"context", "version"}), 2);
  EXPECT_EQ(all.member("captures").size(), 1u);
  EXPECT_EQ(all.member("cards").at(0).string({"card_last4"}), "4242");
  EXPECT_EQ(all.string({"location", "merchant_id"}), "M1");
  EXPECT_EQ(all.member("session").text.text(), "null");
  EXPECT_EQ(all.member("collections").text.text(), json(kDone, {"doc", "collections", "U1"}).text.text());
  EXPECT_EQ(all.member("collections").at(0).number({"appended"}), 1);
  const auto shown = text({"snapshot", "U1"});
  EXPECT_NE(shown.out.find("1250 JPY"), std::string::npos) << "yen have no decimals";
  EXPECT_NE(shown.out.find("chat-1, 1 document appended"), std::string::npos) << shown.out;
}

TEST_F(UserCommands, EraseLeavesATombstoneThatRefusesWriters) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"card", "link", "fp1", "U1"});
  json(kDone, {"txn", "mark", "t1", "U1", "5"});
  const auto receipt = json(kDone, {"erase", "U1"});
  EXPECT_EQ(receipt.string({"user"}), "U1");
  EXPECT_EQ(receipt.number({"version"}), 2);
  EXPECT_EQ(receipt.number({"cards_removed"}), 1);
  EXPECT_FALSE(receipt.boolean({"scanned"}));
  fails(kRefused, "Erased", {"context", "get", "U1"});
  fails(kRefused, "Erased", {"context", "event", "U1", "t", "late"});
  fails(kRefused, "Erased", {"card", "link", "fp1", "U1"});
  fails(kNotThere, "NotFound", {"card", "lookup", "fp1"});
  EXPECT_EQ(json(kDone, {"erase", "U1", "--scan"}).number({"transactions_removed"}), 1);
  json(kNotThere, {"txn", "check", "t1"});
}

TEST_F(UserCommands, InitRevivesAndGoesOnFromTheVersion) {
  json(kDone, {"context", "init", "U1"});
  json(kDone, {"erase", "U1"});
  fails(kRefused, "Erased", {"context", "init", "U1"});
  EXPECT_EQ(json(kDone, {"context", "init", "U1", "--revive"}).number({"version"}), 3);
}

TEST_F(UserCommands, EraseOfNobodyIsNotThere) {
  json(kDone, {"init"});
  fails(kNotThere, "NotFound", {"erase", "U1"});
}

}  // namespace
}  // namespace loopstate::cli_test
