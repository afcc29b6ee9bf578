#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using CardCommands = CliTest;

TEST_F(CardCommands, LinkThenLookupAndList) {
  json(kDone, {"init"});
  const std::string fingerprint = "loop_fp_" + std::string(64, 'a');
  const auto card = json(kDone, {"card", "link", fingerprint, "U1", "--last4", "4242"});
  EXPECT_EQ(card.string({"fingerprint"}), fingerprint);
  EXPECT_EQ(card.string({"user_pubkey"}), "U1");
  EXPECT_EQ(card.string({"card_last4"}), "4242");
  EXPECT_GT(card.number({"linked_at"}), 1'700'000'000);
  EXPECT_EQ(json(kDone, {"card", "lookup", fingerprint}).text, card.text);
  json(kDone, {"card", "link", "fp2", "U1"});
  EXPECT_EQ(json(kDone, {"card", "list", "U1"}).size(), 2u);
  EXPECT_EQ(json(kDone, {"card", "list", "U2"}).size(), 0u);
}

TEST_F(CardCommands, SomebodyElsesCardIsRefusedUnlessTransferred) {
  json(kDone, {"card", "link", "fp1", "U1"});
  fails(kRefused, "CardLinkedElsewhere", {"card", "link", "fp1", "U2"});
  EXPECT_EQ(json(kDone, {"card", "lookup", "fp1"}).string({"user_pubkey"}), "U1");
  EXPECT_EQ(json(kDone, {"card", "link", "fp1", "U2", "--transfer"}).string({"user_pubkey"}), "U2");
  EXPECT_EQ(json(kDone, {"card", "list", "U1"}).size(), 0u);
  EXPECT_EQ(json(kDone, {"card", "list", "U2"}).size(), 1u);
}

TEST_F(CardCommands, UnlinkGivesTheCardBack) {
  json(kDone, {"card", "link", "fp1", "U1"});
  fails(kRefused, "CardLinkedElsewhere", {"card", "unlink", "fp1", "U2"});
  EXPECT_EQ(json(kDone, {"card", "unlink", "fp1", "U1"}).string({"user_pubkey"}), "U1");
  fails(kNotThere, "NotFound", {"card", "lookup", "fp1"});
  fails(kNotThere, "NotFound", {"card", "unlink", "fp1"});
}

TEST_F(CardCommands, BadArgumentsAreMisuse) {
  fails(kMisused, "InvalidArgument", {"card", "link", "fp1", "U1", "--last4", "42"});
  fails(kMisused, "InvalidArgument", {"card", "link", "", "U1"});
  fails(kMisused, "InvalidArgument", {"card", "link", "fp1", std::string(201, 'u')});
  fails(kMisused, "InvalidArgument", {"card", "link", "fp\x01", "U1"});
  fails(kMisused, "InvalidArgument", {"card", "lookup", "fp\xff"});
  fails(kMisused, "InvalidArgument", {"card", "link", "fp1"});
}

}  // namespace
}  // namespace loopstate::cli_test
