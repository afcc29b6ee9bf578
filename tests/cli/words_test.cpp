// The words of a command line: help in each of its forms, and what was probably meant.
#include <gmock/gmock.h>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Words = CliTest;

TEST_F(Words, TheProgramsNameAloneShowsTheFirstSteps) {
  const auto ran = text({});
  EXPECT_EQ(ran.status, kMisused);
  for (const auto* step :
       {"loopstate init", "loopstate agent --demo", "loopstate doctor", "loopstate help"}) {
    EXPECT_THAT(ran.out, HasSubstr(step));
  }
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(json(kMisused, {}).string({"error", "code"}), "InvalidArgument") << "a script forgot its command";
}

TEST_F(Words, HelpIsACommandToo) {
  EXPECT_EQ(text({"help"}).out, text({"--help"}).out);
  EXPECT_EQ(text({"help", "card"}).out, text({"card", "--help"}).out);
  EXPECT_EQ(text({"help", "card", "link"}).out, text({"card", "link", "--help"}).out);
  EXPECT_EQ(text({"help", "snapshot"}).out, text({"snapshot", "--help"}).out);
  EXPECT_THAT(json(kDone, {"help", "card", "link"}).string({"help"}), HasSubstr("Example:"));
}

TEST_F(Words, TheVersionHasAShortForm) {
  EXPECT_EQ(text({"-V"}).out, text({"--version"}).out);
  EXPECT_EQ(text({"-V"}).status, kDone);
}

TEST_F(Words, WhatWasMeantIsSuggested) {
  const std::pair<std::vector<std::string>, std::string> lines[] = {
      {{"snapshto", "U1"}, "did you mean 'snapshot'?"},
      {{"card", "lnik", "fp", "U1"}, "did you mean 'card link'?"},
      {{"help", "card", "lnik"}, "did you mean 'card link'?"},
      {{"help", "docter"}, "did you mean 'doctor'?"},
      {{"link", "card", "fp", "U1"}, "did you mean 'card link'?"},
      {{"lookup", "fp"}, "did you mean 'card lookup'?"},
      {{"context", "get", "U1", "--jsno"}, "did you mean --json?"},
      {{"card", "link", "fp", "U1", "--last-4", "4242"}, "did you mean --last4?"},
  };
  for (const auto& [line, suggestion] : lines) {
    const auto ran = text(line);
    EXPECT_EQ(ran.status, kMisused);
    EXPECT_THAT(ran.err, HasSubstr(suggestion)) << line.front();
  }
}

TEST_F(Words, WhereNothingIsNearTheListIsShown) {
  EXPECT_THAT(text({"frobnicate"}).err,
              AllOf(HasSubstr("there is no command 'frobnicate'"), HasSubstr("'loopstate help' lists them")));
  EXPECT_THAT(text({"card"}).err, HasSubstr("'card' goes with one of: link, lookup, unlink, list"));
  EXPECT_THAT(text({"card", "frobnicate"}).err, HasSubstr("link, lookup, unlink, list"));
}

TEST_F(Words, WhatIsNotExpectedIsNamedInTheOrderTyped) {
  EXPECT_THAT(text({"context", "get", "U1", "U2", "U3"}).err,
              AllOf(HasSubstr("not expected here: U2 U3"), HasSubstr("'loopstate help context get'")));
}

TEST_F(Words, AUserMayHaveTheNameOfACommand) {
  for (const auto* name : {"card", "help", "agent", "list"}) {
    json(kDone, {"context", "init", name});
    EXPECT_EQ(json(kDone, {"context", "get", name}).string({"pubkey"}), name);
  }
}

}  // namespace
}  // namespace loopstate::cli_test
