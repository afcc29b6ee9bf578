// The built agent, as a process of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace loopstate::cli_test {

inline constexpr std::string_view kSquareKey = "square-signature-key-of-this-test";
inline constexpr std::string_view kSquareUrl = "https://example.com/webhooks/square";

/// Listens on a free port, for Square only. Expected to end well when it is told to at the end of the test.
class RunningAgent {
 public:
  RunningAgent(const std::string& url, const std::string& pepper_file);
  ~RunningAgent();
  RunningAgent(const RunningAgent&) = delete;
  RunningAgent& operator=(const RunningAgent&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return child_; }

  /// Sends SIGTERM again and again until the process has ended; what waitpid(2) says of it.
  int terminate_again_and_again();

 private:
  pid_t child_ = -1;  ///< 0: ended
  std::uint16_t port_ = 0;
};

}  // namespace loopstate::cli_test
