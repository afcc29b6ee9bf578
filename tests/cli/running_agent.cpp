#include "cli/running_agent.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace loopstate::cli_test {

RunningAgent::RunningAgent(const std::string& url, const std::string& pepper_file) {
  int out[2];
  EXPECT_EQ(pipe(out), 0);
  child_ = fork();
  if (child_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    close(out[0]);
    close(out[1]);
    setenv("LOOPSTATE_PEPPER_FILE", pepper_file.c_str(), 1);
    setenv("SQUARE_WEBHOOK_SIGNATURE_KEY", std::string(kSquareKey).c_str(), 1);
    setenv("SQUARE_WEBHOOK_URL", std::string(kSquareUrl).c_str(), 1);
    setenv("LOOPSTATE_LOG_LEVEL", "warn", 1);
    execl(LOOPSTATE_PROGRAM, LOOPSTATE_PROGRAM, "--store", url.c_str(), "agent", "--listen", "127.0.0.1:0",
          nullptr);
    _exit(127);
  }
  close(out[1]);
  std::string said;
  char byte = 0;
  while (read(out[0], &byte, 1) == 1 && byte != '\n') said += byte;
  close(out[0]);
  port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.rfind(':') + 1)));
}

RunningAgent::~RunningAgent() {
  if (child_ == 0) return;
  kill(child_, SIGTERM);
  int status = 0;
  waitpid(child_, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int RunningAgent::terminate_again_and_again() {
  int status = 0;
  do {
    kill(child_, SIGTERM);
  } while (waitpid(child_, &status, WNOHANG) == 0);
  child_ = 0;
  return status;
}

}  // namespace loopstate::cli_test
