// Another process is stopped within a write to the store's file. Here that process is this test.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <optional>

#include "cli/run_program.hpp"
#include "embedded/environment.hpp"

namespace loopstate::cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// The agent, until it is told to end.
class Agent {
 public:
  explicit Agent(const std::string& url) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    output_ = ends[0];
    std::vector<std::string> words{LOOPSTATE_PROGRAM, "agent",          "--listen",
                                   "127.0.0.1:0",     "--admin-listen", "127.0.0.1:0"};
    std::vector<std::string> settings{"LOOPSTATE_URL=" + url, "SQUARE_WEBHOOK_SIGNATURE_KEY=key",
                                      "SQUARE_WEBHOOK_URL=https://example.com/square",
                                      "LOOPSTATE_PEPPER=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    const int code = posix_spawn(&process_, words[0].c_str(), &actions, nullptr, pointers(words).data(),
                                 pointers(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (code != 0) std::abort();
  }
  ~Agent() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
    close(output_);
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// The port of the health listener; waits for it.
  unsigned short admin_port() {
    constexpr std::string_view kSays = "admin on 127.0.0.1:";
    std::string said;
    for (;;) {
      const std::size_t at = said.find(kSays);
      const std::size_t end = at == std::string::npos ? at : said.find('\n', at);
      if (end != std::string::npos)
        return static_cast<unsigned short>(std::stoul(said.substr(at + kSays.size())));
      std::array<char, 4096> some{};
      const ssize_t count = read(output_, some.data(), some.size());
      if (count <= 0) return 0;
      said.append(some.data(), static_cast<std::size_t>(count));
    }
  }

  /// Asks it to end and waits until it has; its exit status.
  int end() {
    kill(process_, SIGTERM);
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  }

  pid_t process_ = -1;
  int output_ = -1;
};

std::string health(unsigned short port) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(socket,
              asio::buffer(std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")));
  std::string answer;
  boost::system::error_code ended;
  asio::read(socket, asio::dynamic_buffer(answer), ended);
  return answer;
}

class StoppedProcess : public CliTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(text({"context", "init", "U1"}).status, kDone);
    embedded::EmbeddedOptions options;
    options.path = path("store.db");
    environment = embedded::Environment::open(options).value();
    held.emplace(environment->write().value());
  }
  void TearDown() override { held.reset(); }

  std::unique_ptr<embedded::Environment> environment;
  std::optional<embedded::Environment::Write> held;
  const std::string us = "process " + std::to_string(getpid());
};

TEST_F(StoppedProcess, ACommandEndsByItsTimeoutAndSaysWhoIsInTheWay) {
  const Ran ran = text({"--timeout", "1", "context", "init", "U2"});
  EXPECT_EQ(ran.status, kFailed);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("deadline"), HasSubstr(us)));
  fails(kFailed, "DeadlineExceeded", {"--timeout", "1", "context", "init", "U2"});
  EXPECT_EQ(text({"context", "get", "U1"}).status, kDone) << "reading goes on";
  held.reset();
  EXPECT_EQ(text({"context", "init", "U2"}).status, kDone);
}

TEST_F(StoppedProcess, ACommandWaitsToOpenTheStoreForItsTimeoutAndSaysWhoIsInTheWay) {
  held.reset();
  environment.reset();
  const int file = open(path("store.db").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(file, 0);
  {
    embedded::FileLocks locks(file, true, path("store.db").string());
    const auto opening = locks.reader_table({std::chrono::steady_clock::now(), {}});
    ASSERT_TRUE(opening);
    const auto begun = std::chrono::steady_clock::now();
    const Ran ran = text({"--timeout", "1", "context", "get", "U1"});
    EXPECT_EQ(ran.status, kFailed);
    EXPECT_THAT(ran.err, AllOf(HasSubstr("opening"), HasSubstr(us)));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8)) << "less than without it";
  }
  close(file);
  EXPECT_EQ(text({"context", "get", "U1"}).status, kDone);
}

TEST_F(StoppedProcess, TheAgentIsUnhealthyAndStillEndsWhenToldTo) {
  Agent agent(url());
  const auto port = agent.admin_port();
  ASSERT_NE(port, 0);
  EXPECT_THAT(health(port), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr(us)));
  EXPECT_EQ(agent.end(), 0);
}

TEST_F(StoppedProcess, TheAgentIsUnhealthyWhenItsFileIsGone) {
  held.reset();
  environment.reset();
  Agent agent(url());
  const auto port = agent.admin_port();
  ASSERT_NE(port, 0);
  std::filesystem::rename(path("store.db"), path("store.db.bak"));
  EXPECT_THAT(health(port), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("was moved to")));
  const Ran made = text({"context", "init", "U2"});
  EXPECT_EQ(made.status, kFailed);
  EXPECT_THAT(made.err, HasSubstr("moved or removed"));
  EXPECT_FALSE(std::filesystem::exists(path("store.db")));
  EXPECT_EQ(agent.end(), 0);
}

}  // namespace
}  // namespace loopstate::cli_test
