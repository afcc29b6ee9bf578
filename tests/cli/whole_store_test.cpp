// Commands that go through a whole store: they report progress, end cleanly when interrupted, and resume.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

class WholeStore : public CliTest {
 protected:
  static std::string item(int number, std::size_t bytes = 10) {
    return R"({"pk":{"S":"TXN#t)" + std::to_string(1000 + number) +
           R"("},"sk":{"S":"PROCESSED"},"user_pubkey":{"S":"U1"},"cred_amount":{"N":"5"},)"
           R"("processed_at":{"N":"1795575876"},"result":{"S":")" +
           std::string(bytes, 'x') + R"("},"ttl":{"N":"4102444800"}})" + "\n";
  }
  static std::string items(int count, std::size_t bytes = 10) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += item(i, bytes);
    return lines;
  }
  /// Several pages of a scan.
  void fill() { json(kDone, {"import", "-"}, items(40, 100'000)); }

  /// The word after "--resume " on the first line of standard error that has one.
  static std::string resume_word(const Ran& ran) {
    const std::string mark = "--resume ";
    const auto at = ran.err.find(mark);
    if (at == std::string::npos) return "";
    const auto begin = at + mark.size();
    return ran.err.substr(begin, ran.err.find(')', begin) - begin);
  }
};

TEST_F(WholeStore, AScanOfAnErasureSaysHowFarItIsAndGoesOnFromThere) {
  fill();
  const auto first = text({"erase", "U1", "--scan", "--progress"});
  EXPECT_EQ(first.status, kDone) << first.err;
  EXPECT_NE(first.err.find("looked at: "), std::string::npos) << first.err;
  const auto word = resume_word(first);
  ASSERT_FALSE(word.empty()) << first.err;
  json(kDone, {"import", "-"}, items(40, 100'000));
  const auto rest = json(kDone, {"erase", "U1", "--resume", word});
  EXPECT_TRUE(rest.boolean({"scanned"}));
  EXPECT_GT(rest.number({"transactions_removed"}), 0);
  EXPECT_LT(rest.number({"transactions_removed"}), 40) << "what was before the cursor is done";
  EXPECT_EQ(json(kDone, {"erase", "U1", "--scan"}).number({"unreadable"}), 0);
}

TEST_F(WholeStore, AnErasureOfWhatOnlyAScanFindsNeedsNothingElseOfTheUser) {
  json(kDone, {"txn", "mark", "t1", "U1", "5"});
  fails(kNotThere, "NotFound", {"erase", "U1"});
  EXPECT_EQ(json(kDone, {"erase", "U1", "--scan"}).number({"transactions_removed"}), 1);
  fails(kRefused, "Erased", {"location", "set", "U1", "M1"});
}

TEST_F(WholeStore, ACheckSaysHowFarItIsAndGoesOnFromThere) {
  fill();
  const auto first = text({"check", "--progress"});
  EXPECT_NE(first.err.find("checked: "), std::string::npos) << first.err;
  const auto word = resume_word(first);
  ASSERT_FALSE(word.empty()) << first.err;
  const auto rest = json(kDone, {"check", "--resume", word});
  EXPECT_GT(rest.number({"items"}), 0);
  EXPECT_LT(rest.number({"items"}), 40);
}

TEST_F(WholeStore, AResumeThatIsNoneIsRefused) {
  fill();
  for (const auto& command : std::vector<std::vector<std::string>>{{"erase", "U1"}, {"check"}}) {
    auto words = command;
    words.insert(words.end(), {"--resume", "nonsense!"});
    fails(kMisused, "InvalidArgument", words);
  }
}

TEST_F(WholeStore, WithoutATerminalNothingIsSaidUnasked) {
  fill();
  EXPECT_EQ(text({"check"}).err, "");
  EXPECT_EQ(text({"export", path("all.jsonl").string()}).err, "");
}

TEST_F(WholeStore, AnExportAnImportAndACopySayHowFarTheyAreWhereAsked) {
  EXPECT_NE(text({"import", "-", "--progress"}, items(3)).err.find("imported: 3"), std::string::npos);
  EXPECT_NE(text({"export", path("all.jsonl").string(), "--progress"}).err.find("exported: 3"),
            std::string::npos);
  const auto copied = text({"copy", url(), "embedded:" + path("two.db").string(), "--progress"});
  EXPECT_NE(copied.err.find("copied: 3"), std::string::npos) << copied.err;
}

/// The running program, with pipes to its input and from its standard error.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments) {
    std::array<int, 2> in{}, err{};
    if (pipe(in.data()) != 0 || pipe(err.data()) != 0) std::abort();
    child_ = fork();
    if (child_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(err[1], STDERR_FILENO);
      for (const int end : {in[0], in[1], err[0], err[1]}) close(end);
      std::vector<std::string> words{LOOPSTATE_PROGRAM};
      words.insert(words.end(), arguments.begin(), arguments.end());
      std::vector<char*> argv;
      for (auto& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execv(LOOPSTATE_PROGRAM, argv.data());
      _exit(127);
    }
    close(in[0]);
    close(err[1]);
    in_ = in[1];
    err_ = err[0];
  }
  void write(std::string_view text) const {
    while (!text.empty()) {
      const auto count = ::write(in_, text.data(), text.size());
      if (count <= 0) std::abort();
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void read_until(std::string_view text) {
    while (said_.find(text) == std::string::npos && read_some()) {
    }
  }
  void signal(int number) const { kill(child_, number); }
  /// The exit status, or 128 + the signal that ended it.
  int end() {
    close(in_);
    while (read_some()) {
    }
    close(err_);
    int status = 0;
    waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  const std::string& said() const { return said_; }

 private:
  bool read_some() {
    std::array<char, 4096> buffer{};
    const auto got = read(err_, buffer.data(), buffer.size());
    if (got > 0) said_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  pid_t child_ = -1;
  int in_ = -1;
  int err_ = -1;
  std::string said_;
};

TEST_F(WholeStore, AnImportThatIsInterruptedSaysWhatIsDoneAndARepetitionIsHarmless) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Running import({"--store", url(), "import", "-", "--progress"});
    import.write(items(600));
    import.read_until("imported: 5");
    import.signal(signal);
    import.read_until("once more");
    EXPECT_EQ(import.end(), kFailed);
    EXPECT_NE(import.said().find("interrupted"), std::string::npos) << import.said();
    EXPECT_NE(import.said().find("importing them again is harmless"), std::string::npos) << import.said();
  }
  const auto again = json(kDone, {"import", "-"}, items(601));
  EXPECT_EQ(again.number({"unchanged"}) + again.number({"written"}), 601);
  EXPECT_EQ(again.number({"kept"}), 0);
}

TEST_F(WholeStore, ASecondInterruptionEndsTheProgramAtOnce) {
  Running import({"--store", url(), "import", "-", "--progress"});
  import.write(items(600));
  import.read_until("imported: 5");
  import.signal(SIGINT);
  import.read_until("once more");
  import.signal(SIGINT);
  EXPECT_EQ(import.end(), 128 + SIGINT);
}

}  // namespace
}  // namespace loopstate::cli_test
