// A test program as a separate process: started, signalled, measured, waited for.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace loopstate::lambda {

class ChildProcess {
 public:
  /// With this environment and no other. What it prints on standard output and error goes to
  /// `log_file`.
  ChildProcess(const std::string& program, const std::map<std::string, std::string>& environment,
               const std::string& log_file = "/dev/null", const std::vector<std::string>& arguments = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const;
  /// Waits for the end, at most 30 s. The exit status; 128 plus the signal's number if a signal ended it.
  int wait();
  /// VmRSS.
  std::size_t resident_kilobytes() const;
  bool running();

 private:
  pid_t process_ = -1;
  int status_ = -1;
};

/// A program that the build put beside the tests.
std::string built_program(const std::string& name);

/// A temporary folder, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string text_of_file(const std::string& path);

}  // namespace loopstate::lambda
