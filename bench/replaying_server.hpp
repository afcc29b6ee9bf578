// A server in a process of its own that answers every request with bytes that it has at hand: what is left to
// measure is the client.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace loopstate::bench {

class ReplayingServer {
 public:
  /// Takes whole requests off the front of what came, and says what to send.
  using Answer = std::function<std::string(std::string& text)>;
  /// Fork: before the first thread of the program. End with the object.
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
