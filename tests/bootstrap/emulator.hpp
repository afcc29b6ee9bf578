// AWS's own emulator of Lambda's runtime interface, with the real `bootstrap` behind it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "lambda/child_process.hpp"

namespace loopstate::function {

/// One invocation at a time: two at once crash it. `bootstrap` starts with the first.
class Emulator {
 public:
  explicit Emulator(std::map<std::string, std::string> environment);
  ~Emulator();

  /// What the function answered, or what the emulator says about its error.
  std::string invoke(const std::string& event);
  /// What the emulator and the function logged.
  std::string log() const;

 private:
  lambda::TemporaryFolder folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<lambda::ChildProcess> process_;
};

}  // namespace loopstate::function
