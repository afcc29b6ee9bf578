// A server in a process of its own that answers every request with the same bytes: what is left to measure is
// the client.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace loopstate::bench {

class ReplayingServer {
 public:
  /// Forks: before the first thread of the program. Ends with the object.
  explicit ReplayingServer(std::string reply);
  ~ReplayingServer();
  ReplayingServer(const ReplayingServer&) = delete;
  ReplayingServer& operator=(const ReplayingServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace loopstate::bench
