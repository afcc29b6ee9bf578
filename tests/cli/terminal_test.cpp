// What was stored never steers the terminal of the person who looks at it.
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/utf8.hpp"
#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

/// What the program prints on a terminal, both outputs.
std::string on_terminal(const std::vector<std::string>& arguments) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    std::vector<std::string> words{LOOPSTATE_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    setenv("TERM", "xterm", 1);
    execv(LOOPSTATE_PROGRAM, argv.data());
    _exit(127);
  }
  std::string out;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto got = read(terminal, buffer.data(), buffer.size());
    if (got <= 0) break;  // EIO: the child's side is closed
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  return out;
}

/// Without line ends and our own colours.
std::string without_style(std::string text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto rest = std::string_view(text).substr(at);
    if (rest.starts_with("\x1b[")) {
      const auto end = rest.find_first_not_of("0123456789;", 2);
      if (end != std::string_view::npos && (rest[end] == 'm' || rest[end] == 'K')) {
        at += end;
        continue;
      }
    }
    if (rest.front() != '\n' && rest.front() != '\r' && rest.front() != '\t') out += rest.front();
  }
  return out;
}

void expect_harmless(const std::string& printed, const std::string& what) {
  EXPECT_THAT(printed, testing::HasSubstr("marker")) << what << ": shows nothing of what was stored";
  const auto text = without_style(printed);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto point = first_code_point(rest);
    ASSERT_TRUE(point) << what << " is not UTF-8: " << text;
    ASSERT_FALSE(steers_a_terminal(point->value))
        << what << " steers the terminal with U+" << std::hex << static_cast<unsigned>(point->value);
    rest.remove_prefix(point->bytes);
  }
}

// CSI as one byte's code point, right-to-left override, an isolate, a line separator, DEL.
constexpr std::string_view kHostile = "marker \u009b31m \u202e \u2066 \u2028 \u007f \u061c end";

class TerminalTest : public CliTest {
 protected:
  void SetUp() override {
    const std::string value = "\"" + std::string(kHostile) + "\"";
    ASSERT_EQ(text({"context", "init", "marker"}).status, kDone);
    ASSERT_EQ(text({"memory", "set", "marker", "note", value}).status, kDone);
    ASSERT_EQ(text({"context", "event", "marker", "note", std::string(kHostile)}).status, kDone);
  }
};

TEST_F(TerminalTest, StoredTextNeverSteersIt) {
  const std::vector<std::vector<std::string>> commands{{"context", "get", "marker"},
                                                       {"memory", "get", "marker", "note"},
                                                       {"snapshot", "marker"},
                                                       {"export"},
                                                       {"export", "-"}};
  for (const auto& command : commands) {
    for (const bool json : {false, true}) {
      std::vector<std::string> arguments{"--store", url()};
      if (json) arguments.emplace_back("--json");
      arguments.insert(arguments.end(), command.begin(), command.end());
      expect_harmless(on_terminal(arguments), command.front() + (json ? " --json" : ""));
    }
  }
}

TEST_F(TerminalTest, AnErrorThatQuotesWhatWasTypedNeverSteersIt) {
  expect_harmless(on_terminal({"--store", url(), "memory", "get", "marker", std::string(kHostile)}),
                  "memory get");
  expect_harmless(on_terminal({"--store", url(), "--json", "memory", "get", "marker", std::string(kHostile)}),
                  "memory get --json");
}

TEST_F(TerminalTest, NothingIsMixedIntoWhatAnExportPrintsOnIt) {
  for (const std::string option : {"", "--progress"}) {
    std::vector<std::string> arguments{"--store", url(), "export", "-"};
    if (!option.empty()) arguments.push_back(option);
    EXPECT_THAT(on_terminal(arguments), testing::Not(testing::HasSubstr("exported"))) << option;
  }
  EXPECT_THAT(on_terminal({"--store", url(), "export", path("all").string()}),
              testing::HasSubstr("exported: "))
      << "beside a file there is room for it";
}

TEST_F(TerminalTest, APipeGetsEveryByteAsItWasStored) {
  EXPECT_THAT(text({"export"}).out, testing::HasSubstr("\u202e"));
  EXPECT_THAT(json(kDone, {"memory", "get", "marker", "note"}).text.text(), testing::HasSubstr("\u202e"));
}

}  // namespace
}  // namespace loopstate::cli_test
