#include "lambda/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace loopstate::lambda {

namespace {

constexpr std::chrono::seconds kChildPatience{30};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, const std::map<std::string, std::string>& environment,
                           const std::string& log_file, const std::vector<std::string>& given) {
  std::vector<std::string> arguments = {program};
  arguments.insert(arguments.end(), given.begin(), given.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) {
    variables.push_back(name);
    variables.back() += "=" + value;
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  const int problem = ::posix_spawn(&process_, program.c_str(), &actions, nullptr, pointers(arguments).data(),
                                    pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) {
    process_ = -1;
    ADD_FAILURE() << "cannot start " << program;
  }
}

ChildProcess::~ChildProcess() {
  if (!running()) return;
  signal(SIGKILL);
  wait();
}

void ChildProcess::signal(int number) const {
  if (process_ > 0) ::kill(process_, number);
}

bool ChildProcess::running() {
  if (process_ <= 0) return false;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  process_ = -1;
  return false;
}

int ChildProcess::wait() {
  const auto until = std::chrono::steady_clock::now() + kChildPatience;
  while (running()) {
    if (std::chrono::steady_clock::now() > until) {
      ADD_FAILURE() << "the process did not end";
      signal(SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return status_;
}

std::size_t ChildProcess::resident_kilobytes() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  ADD_FAILURE() << "no VmRSS of process " << process_;
  return 0;
}

std::string built_program(const std::string& name) {
  return (std::filesystem::path(LOOPSTATE_PROGRAM).parent_path() / name).string();
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "loopstate-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace loopstate::lambda
