// What erasing asks, and what it would do.
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Erasing : public CliTest {
 protected:
  void SetUp() override {
    json(kDone, {"context", "init", "U1"});
    json(kDone, {"card", "link", "fp1", "U1"});
    json(kDone, {"location", "set", "U1", "M1"});
    json(kDone, {"capture", "add", "U1", "-", "--txn", "t1"}, R"({"merchant_id":"M1","amount_cents":1})");
    json(kDone, {"txn", "mark", "t2", "U1", "5"});
    json(kDone, {"txn", "mark", "t3", "U2", "5"});
  }

  struct OnTerminal {
    int status = -1;
    std::string shown;
  };

  // A person types `typed`.
  OnTerminal on_terminal(std::vector<std::string> arguments, std::string_view typed) const {
    int terminal = -1;
    arguments.insert(arguments.begin(), {LOOPSTATE_PROGRAM, "--store", url()});
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
      std::vector<char*> words;
      for (auto& word : arguments) words.push_back(word.data());
      words.push_back(nullptr);
      execv(LOOPSTATE_PROGRAM, words.data());
      _exit(127);
    }
    EXPECT_EQ(write(terminal, typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    OnTerminal ran;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = read(terminal, buffer.data(), buffer.size())) > 0;) {
      ran.shown.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
  }

  bool is_there() const { return text({"context", "get", "U1"}).status == kDone; }
};

TEST_F(Erasing, ADryRunCountsAndRemovesNothing) {
  const auto counts = json(kDone, {"erase", "U1", "--dry-run"});
  EXPECT_TRUE(counts.boolean({"dry_run"}));
  EXPECT_EQ(counts.number({"items"}), 4);
  EXPECT_EQ(counts.number({"cards"}), 1);
  EXPECT_EQ(counts.number({"captures"}), 1);
  EXPECT_EQ(counts.number({"transactions"}), 0);
  EXPECT_EQ(json(kDone, {"erase", "U1", "--dry-run", "--scan"}).number({"transactions"}), 2);
  EXPECT_THAT(
      text({"erase", "U1", "--dry-run", "--scan"}).out,
      HasSubstr("would remove a context, a location, 1 card, 1 pending capture, 2 transactions seen"));
  EXPECT_TRUE(is_there());
  json(kDone, {"txn", "check", "t2"});
}

TEST_F(Erasing, ADryRunThatScansCountsWhatTheErasureWouldRemove) {
  json(kDone, {"import", write_file("card", R"({"pk":{"S":"CARD#elsewhere"},"sk":{"S":"META"},"fingerprint":)"
                                            R"({"S":"elsewhere"},"user_pubkey":{"S":"U1"},"card_last4":)"
                                            R"({"S":""},"linked_at":{"N":"1700000000"}})"
                                            "\n")});
  const auto counts = json(kDone, {"erase", "U1", "--dry-run", "--scan"});
  const auto receipt = json(kDone, {"erase", "U1", "--scan"});
  EXPECT_EQ(counts.number({"cards"}), 2);
  EXPECT_EQ(receipt.number({"cards_removed"}), 2);
  EXPECT_EQ(counts.number({"transactions"}), receipt.number({"transactions_removed"}));
}

TEST_F(Erasing, ADryRunOfNobodyIsNotThere) {
  fails(kNotThere, "NotFound", {"erase", "nobody", "--dry-run"});
  json(kDone, {"erase", "U1"});
  fails(kNotThere, "NotFound", {"erase", "U1", "--dry-run"});
}

TEST_F(Erasing, OnATerminalItAsksForTheNameAndTakesNothingElse) {
  for (const auto* typed : {"\n", "y\n", "U2\n"}) {
    const auto ran = on_terminal({"erase", "U1"}, typed);
    EXPECT_EQ(ran.status, kFailed) << typed;
    EXPECT_THAT(ran.shown, HasSubstr("a context, a location, 1 card, 1 pending capture"));
    EXPECT_THAT(ran.shown, HasSubstr("nothing was erased"));
    EXPECT_TRUE(is_there()) << typed;
  }
  const auto ran = on_terminal({"erase", "U1"}, "U1\n");
  EXPECT_EQ(ran.status, kDone) << ran.shown;
  EXPECT_FALSE(is_there());
}

TEST_F(Erasing, NobodyIsAskedAfterYes) {
  const auto ran = on_terminal({"erase", "U1", "--yes"}, "");
  EXPECT_EQ(ran.status, kDone) << ran.shown;
  EXPECT_THAT(ran.shown, Not(HasSubstr("Type")));
  EXPECT_FALSE(is_there());
}

TEST_F(Erasing, AScriptIsNotAsked) {
  json(kDone, {"erase", "U1"});
  EXPECT_FALSE(is_there());
}

}  // namespace
}  // namespace loopstate::cli_test
