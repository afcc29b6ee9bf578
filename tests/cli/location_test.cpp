#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using LocationCommands = CliTest;

TEST_F(LocationCommands, SetGetClear) {
  EXPECT_TRUE(json(kDone, {"location", "set", "U1", "M1"}).boolean({"changed"}));
  EXPECT_EQ(json(kDone, {"location", "get", "U1"}).string({"merchant_id"}), "M1");
  EXPECT_FALSE(json(kDone, {"location", "clear", "U1", "M2"}).boolean({"changed"}));
  EXPECT_TRUE(json(kDone, {"location", "clear", "U1", "M1"}).boolean({"changed"}));
  fails(kNotThere, "NotFound", {"location", "get", "U1"});
}

TEST_F(LocationCommands, AnOlderEventNeverUndoesANewerOne) {
  const auto now = std::to_string(std::time(nullptr));
  const auto before = std::to_string(std::time(nullptr) - 60);
  json(kDone, {"location", "set", "U1", "M1", "--at", now});
  EXPECT_FALSE(json(kDone, {"location", "set", "U1", "M2", "--at", before}).boolean({"changed"}));
  EXPECT_EQ(json(kDone, {"location", "get", "U1"}).string({"merchant_id"}), "M1");
}

TEST_F(LocationCommands, TimesAreWholeNumbers) {
  fails(kMisused, "InvalidArgument", {"location", "set", "U1", "M1", "--at", "-5"});
  fails(kMisused, "InvalidArgument", {"location", "set", "U1", "M1", "--at", "9223372036854775808"});
}

}  // namespace
}  // namespace loopstate::cli_test
