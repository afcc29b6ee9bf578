// The program as a whole: help, version, completion, doctor, a reader that goes away.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using ProgramAsAWhole = CliTest;

const std::vector<std::vector<std::string>>& every_command() {
  static const std::vector<std::vector<std::string>> all = {
      {"init"},
      {"context", "get"},
      {"context", "init"},
      {"context", "put"},
      {"context", "patch"},
      {"context", "event"},
      {"context", "batch"},
      {"memory", "set"},
      {"memory", "get"},
      {"memory", "forget"},
      {"card", "link"},
      {"card", "lookup"},
      {"card", "unlink"},
      {"card", "list"},
      {"txn", "claim"},
      {"txn", "extend"},
      {"txn", "complete"},
      {"txn", "release"},
      {"txn", "check"},
      {"txn", "mark"},
      {"session", "put"},
      {"session", "get"},
      {"session", "authorize"},
      {"session", "revoke"},
      {"capture", "add"},
      {"capture", "list"},
      {"capture", "settle"},
      {"location", "set"},
      {"location", "get"},
      {"location", "clear"},
      {"snapshot"},
      {"erase"},
      {"export"},
      {"import"},
      {"copy"},
      {"check"},
      {"agent"},
      {"bench"},
      {"doctor"},
      {"completion"},
      {"help"},
  };
  return all;
}

TEST_F(ProgramAsAWhole, EveryCommandsHelpGivesAnExampleOfItself) {
  for (auto line : every_command()) {
    auto words = line.front();
    if (line.size() > 1) words += " " + line.back();
    line.push_back("--help");
    const auto help = text(line);
    EXPECT_EQ(help.status, kDone) << words;
    const auto example = help.out.find("Example:\n");
    ASSERT_NE(example, std::string::npos) << words;
    EXPECT_NE(help.out.find(words, example), std::string::npos) << words;
  }
}

TEST_F(ProgramAsAWhole, HelpAndVersionAreJsonOnRequest) {
  EXPECT_NE(json(kDone, {"--help"}).string({"help"}).find("snapshot"), std::string::npos);
  EXPECT_FALSE(json(kDone, {"--version"}).string({"version"}).empty());
  EXPECT_TRUE(text({"--version"}).out.starts_with("loopstate "));
}

TEST_F(ProgramAsAWhole, OptionsStandBeforeOrBehindTheCommand) {
  const auto behind = run_program({{"context", "init", "U1", "--json", "--store", url()}, "", {}});
  EXPECT_EQ(behind.status, kDone) << behind.err;
  EXPECT_TRUE(behind.out.starts_with("{")) << behind.out;
  EXPECT_TRUE(std::filesystem::exists(path("store.db")));
}

TEST_F(ProgramAsAWhole, CompletionKnowsEveryCommand) {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = text({"completion", shell}).out;
    for (const auto& line : every_command()) {
      EXPECT_NE(script.find(line.front()), std::string::npos) << shell;
      EXPECT_NE(script.find(line.back()), std::string::npos) << shell;
    }
  }
}

TEST_F(ProgramAsAWhole, InitSaysWhetherItMadeTheStore) {
  EXPECT_TRUE(json(kDone, {"init"}).boolean({"created"}));
  EXPECT_FALSE(json(kDone, {"init"}).boolean({"created"}));
}

TEST_F(ProgramAsAWhole, DoctorIsContentWithAStoreThatIsWell) {
  json(kDone, {"init"});
  EXPECT_TRUE(json(kDone, {"doctor"}).boolean({"healthy"}));
}

TEST_F(ProgramAsAWhole, DoctorFindsAStoreThatIsNotThereAndSettingsThatAreWrong) {
  EXPECT_FALSE(json(kFailed, {"doctor"}).boolean({"healthy"}));
  const auto ran =
      run_program({{"--json", "doctor"}, "", {{"LOOPSTATE_URL", url()}, {"SESSION_TTL_SECONDS", "-1"}}});
  EXPECT_EQ(ran.status, kFailed);
  EXPECT_NE(ran.out.find("SESSION_TTL_SECONDS"), std::string::npos) << ran.out;
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
}

// Standard output is `descriptor`; returns the exit status.
int run_with_stdout(int descriptor, std::vector<std::string> words) {
  words.insert(words.begin(), LOOPSTATE_PROGRAM);
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, descriptor, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, LOOPSTATE_PROGRAM, &actions, nullptr, pointers.data(), nullptr), 0);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(ProgramAsAWhole, AReaderThatHasGoneIsAFailureNotADeath) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ::close(ends[0]);
  EXPECT_EQ(run_with_stdout(ends[1], {"--store", url(), "--json", "context", "init", "U1"}), kFailed);
  ::close(ends[1]);
}

TEST_F(ProgramAsAWhole, AFullDiskUnderStandardOutputIsAFailure) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) GTEST_SKIP() << "no /dev/full here";
  json(kDone, {"context", "init", "U1"});
  EXPECT_EQ(run_with_stdout(full, {"--store", url(), "context", "get", "U1"}), kFailed);
  EXPECT_EQ(run_with_stdout(full, {"--store", url(), "export"}), kFailed);
  ::close(full);
}

// What the program prints on a terminal.
std::string printed_on_terminal(std::vector<std::string> words, std::vector<std::string> environment) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_EQ(::grantpt(terminal) + ::unlockpt(terminal), 0);
  words.insert(words.begin(), LOOPSTATE_PROGRAM);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (auto& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, ::ptsname(terminal), O_RDWR | O_NOCTTY, 0);
  pid_t pid = 0;
  EXPECT_EQ(::posix_spawn(&pid, LOOPSTATE_PROGRAM, &actions, nullptr, arguments.data(), variables.data()), 0);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  ::waitpid(pid, &status, 0);
  std::array<char, 4096> buffer{};
  const auto count = ::read(terminal, buffer.data(), buffer.size());
  ::close(terminal);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

TEST_F(ProgramAsAWhole, ColoursAreForTerminalsAlone) {
  json(kDone, {"init"});
  const std::vector<std::string> doctor = {"--store", url(), "doctor"};
  EXPECT_NE(printed_on_terminal(doctor, {"TERM=xterm"}).find('\x1b'), std::string::npos);
  EXPECT_EQ(printed_on_terminal(doctor, {"TERM=xterm", "NO_COLOR=1"}).find('\x1b'), std::string::npos);
  EXPECT_EQ(printed_on_terminal(doctor, {"TERM=dumb"}).find('\x1b'), std::string::npos);
  EXPECT_EQ(text({"doctor"}).out.find('\x1b'), std::string::npos);
}

TEST_F(ProgramAsAWhole, TheAgentRefusesToServeWithoutAProvider) {
  const auto ran = text({"--json", "agent", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(ran.status, kMisused) << ran.err;
  EXPECT_TRUE(ran.out.starts_with(R"({"error":{"code":"InvalidArgument")")) << ran.out;
  EXPECT_NE(ran.err.find("LOOPSTATE_PEPPER"), std::string::npos) << "the log says what is missing";
}

}  // namespace
}  // namespace loopstate::cli_test
