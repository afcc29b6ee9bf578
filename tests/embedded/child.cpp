#include "embedded/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace loopstate::embedded {

std::string built_file(const std::string& name) {
  return std::filesystem::path(LOOPSTATE_PROGRAM).parent_path() / name;
}

Child::Child(std::vector<std::string> arguments, std::vector<std::string> environment) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  pipe_ = ends[0];
  const std::string program = built_file("embedded_child");
  arguments.insert(arguments.begin(), program);
  std::vector<char*> argument_pointers;
  for (auto& argument : arguments) argument_pointers.push_back(argument.data());
  argument_pointers.push_back(nullptr);
  std::vector<char*> environment_pointers;
  // First, since the first of a name wins.
  for (auto& variable : environment) environment_pointers.push_back(variable.data());
  for (char** at = environ; *at != nullptr; ++at) environment_pointers.push_back(*at);
  environment_pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int code = posix_spawn(&process_, program.c_str(), &actions, nullptr, argument_pointers.data(),
                               environment_pointers.data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (code != 0) std::abort();
}

Child::~Child() {
  if (process_ > 0) kill();
  close(pipe_);
}

bool Child::read_some() {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(pipe_, buffer.data(), buffer.size());
  if (count <= 0) return false;
  output_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

void Child::await_line() {
  while (output_.find('\n') == std::string::npos && read_some()) {
  }
}

void Child::kill() {
  ::kill(process_, SIGKILL);
  wait();
}

void Child::stop() {
  ::kill(process_, SIGSTOP);
  int status = 0;
  waitpid(process_, &status, WUNTRACED);
}

void Child::go_on(int signal) {
  ::kill(process_, signal);
  ::kill(process_, SIGCONT);
}

int Child::wait() {
  while (read_some()) {
  }
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Acknowledged Child::acknowledged() const {
  Acknowledged out;
  // A line cut off by the kill was not acknowledged.
  std::istringstream lines(output_.substr(0, output_.rfind('\n') + 1));
  int worker = 0;
  std::int64_t number = 0;
  while (lines >> worker >> number) out[worker] = std::max(out[worker], number);
  return out;
}

}  // namespace loopstate::embedded
