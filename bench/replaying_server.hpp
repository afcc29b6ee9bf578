// A server in a separate process that answers every request with bytes it has ready: what remains to be
// measured is the client.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace loopstate::bench {

class ReplayingServer {
 public:
  /// Takes whole requests off the front of what has arrived, and returns what to send.
  using Answer = std::function<std::string(std::string& text)>;
  /// Forks: create it before the program's first thread. Ends with the object.
  explicit ReplayingServer(const std::string& reply);
  explicit ReplayingServer(const std::function<Answer(std::uint16_t port)>& make_answer);
  ~ReplayingServer();
  ReplayingServer(const ReplayingServer&) = delete;
  ReplayingServer& operator=(const ReplayingServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace loopstate::bench
