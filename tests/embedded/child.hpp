// Runs child_program.cpp as a process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "embedded/workload.hpp"

namespace loopstate::embedded {

/// A file that the build put beside the program.
std::string built_file(const std::string& name);

class Child {
 public:
  /// `environment`: "NAME=VALUE", in addition to what this process has.
  explicit Child(std::vector<std::string> arguments, std::vector<std::string> environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits for the first line that the child prints (or its end).
  void await_line();
  void kill();
  /// Stops it (SIGSTOP), and returns once it has stopped.
  void stop();
  /// Lets it continue after a stop, starting with that signal.
  void go_on(int signal);
  pid_t process() const { return process_; }
  /// Waits for the end. The exit status; -1 if a signal ended it.
  int wait();
  /// Everything it has printed; after wait() or kill().
  const std::string& output() const { return output_; }
  Acknowledged acknowledged() const;

 private:
  bool read_some();

  pid_t process_ = -1;
  int pipe_ = -1;
  std::string output_;
};

}  // namespace loopstate::embedded
