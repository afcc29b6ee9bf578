#include <fstream>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using Misuse = CliTest;

TEST_F(Misuse, LinesThatMakeNoSenseAreExplainedInBothForms) {
  for (const auto& line : std::vector<std::vector<std::string>>{{"nonsense"},
                                                                {"context"},
                                                                {"context", "nonsense"},
                                                                {"context", "get"},
                                                                {"context", "get", "U1", "U2"},
                                                                {"context", "get", "U1", "--nonsense"},
                                                                {"context", "get", "U1", "--txn"},
                                                                {"card", "link", "fp"},
                                                                {"completion", "tcsh"},
                                                                {"--timeout", "0", "context", "get", "U1"},
                                                                {"--timeout", "soon", "context", "get", "U1"},
                                                                {"bench", "--op", "nothing"},
                                                                {"bench", "--n", "-1"},
                                                                {"bench", "--n", "0"}}) {
    fails(kMisused, "InvalidArgument", line);
  }
  EXPECT_FALSE(std::filesystem::exists(path("store.db"))) << "a line that makes no sense touches no store";
}

TEST_F(Misuse, NamesHaveBounds) {
  fails(kMisused, "InvalidArgument", {"context", "init", ""});
  fails(kMisused, "InvalidArgument", {"context", "init", std::string(201, 'x')});
  fails(kMisused, "InvalidArgument", {"context", "init", "a\nb"});
  fails(kMisused, "InvalidArgument", {"context", "init", "\xc3"});
  json(kDone, {"context", "init", std::string(200, 'x')});
}

TEST_F(Misuse, TextsHaveToBeUtf8) {
  json(kDone, {"context", "init", "U1"});
  fails(kMisused, "InvalidArgument", {"context", "event", "U1", "t", "\xff"});
  fails(kMisused, "InvalidArgument", {"memory", "set", "U1", "k", "\xff"});
  fails(kMisused, "InvalidArgument", {"memory", "set", "U1", "\xff", "1"});
  fails(kMisused, "InvalidArgument", {"context", "patch", "U1", "agent_memory.\xff", "1"});
}

TEST_F(Misuse, FilesThatCannotBeReadAreNamed) {
  json(kDone, {"context", "init", "U1"});
  fails(kMisused, "InvalidArgument", {"context", "put", "U1", path("none.json").string()});
  fails(kMisused, "InvalidArgument", {"context", "put", "U1", path("").string()});
  fails(kMisused, "InvalidArgument",
        {"capture", "add", "U1", write_file("big", std::string(5'000'000, ' '))});
}

TEST_F(Misuse, AStoreOfNoKnownKindIsMisuse) {
  fails(kMisused, "InvalidArgument", {"--store", "sqlite:x", "context", "get", "U1"});
  fails(kMisused, "InvalidArgument", {"--store", "embedded:", "context", "get", "U1"});
}

TEST_F(Misuse, AFileThatIsNoStoreIsLeftAlone) {
  const auto file = write_file("letter.txt", "Dear reader, this is no store.");
  const auto ran = run_program({{"--json", "--store", "embedded:" + file, "context", "init", "U1"}, "", {}});
  EXPECT_EQ(ran.status, kFailed) << ran.out;
  std::ifstream in(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "Dear reader, this is no store.");
}

TEST_F(Misuse, ABadSettingIsNamed) {
  const auto ran = run_program(
      {{"--json", "context", "get", "U1"}, "", {{"LOOPSTATE_URL", url()}, {"MAX_PENDING_CAPTURES", "many"}}});
  EXPECT_EQ(ran.status, kMisused);
  EXPECT_NE(ran.out.find("MAX_PENDING_CAPTURES"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace loopstate::cli_test
