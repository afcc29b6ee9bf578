#include "aws/process_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <memory>
#include <optional>

#include "async/sleep.hpp"
#include "aws/credential_json.hpp"

extern char** environ;

namespace loopstate::aws {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxOutputBytes = 65'536;
constexpr std::chrono::milliseconds kPollInterval(2);

// A child whose standard output we read; killed and reaped on destruction, if it is still running.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (output_ >= 0) ::close(output_);
    if (pid_ > 0) {
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  bool start(const std::string& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    output_ = ends[0];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // its children are killed with it
    std::string shell = "sh";
    std::string option = "-c";
    std::string text = command;
    char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
    const int failed = ::posix_spawn(&pid_, "/bin/sh", &actions, &attributes, arguments, environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) pid_ = -1;
    return failed == 0;
  }

  int take_output() { return std::exchange(output_, -1); }

  /// Its exit status; nothing while it runs.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

class ProcessSource final : public CredentialSource {
 public:
  ProcessSource(std::string command, std::string name)
      : command_(std::move(command)), name_(std::move(name)) {}

  Task<Result<CredentialsPtr>> fetch(Deadline deadline) override {
    Child child;
    if (!child.start(command_)) {
      co_return fail(ErrorCode::NoCredentials,
                     fmt::format("the credential_process of {} could not be started", name_));
    }
    const auto executor = co_await asio::this_coro::executor;
    auto output = std::make_shared<asio::posix::stream_descriptor>(executor, child.take_output());
    auto late = std::make_shared<bool>(false);  // the handler may run after this coroutine has ended
    asio::steady_timer timer(executor, deadline);
    timer.async_wait([late, output](const boost::system::error_code& stopped) {
      if (stopped) return;
      *late = true;
      output->cancel();
    });
    std::string text;
    const auto [ended, bytes] = co_await asio::async_read(
        *output, asio::dynamic_buffer(text, kMaxOutputBytes + 1), asio::as_tuple(asio::use_awaitable));
    timer.cancel();
    const crypto::Secret held(std::move(text));
    if (*late) co_return too_late();
    if (ended != asio::error::eof || bytes > kMaxOutputBytes)
      co_return failed("wrote too much, or was stopped");
    // Its output has ended, so it is about to exit as well.
    std::optional<int> status;
    while (!(status = child.ended())) {
      if (std::chrono::steady_clock::now() >= deadline) co_return too_late();
      co_await async::sleep_for(kPollInterval);
    }
    if (*status != 0) co_return failed(fmt::format("ended with status {}", *status));
    co_return credentials_from_json(held.reveal(), CredentialNames::Process, name_);
  }
  std::string name() const override { return name_; }

 private:
  std::unexpected<Error> failed(std::string_view how) const {
    return fail(ErrorCode::NoCredentials, fmt::format("the credential_process of {} {}", name_, how));
  }
  std::unexpected<Error> too_late() const {
    return fail(ErrorCode::DeadlineExceeded, fmt::format("the credential_process of {} took too long", name_),
                true);
  }

  std::string command_;
  std::string name_;
};

}  // namespace

CredentialSourcePtr make_process_source(std::string command, std::string name) {
  return std::make_shared<ProcessSource>(std::move(command), std::move(name));
}

}  // namespace loopstate::aws
