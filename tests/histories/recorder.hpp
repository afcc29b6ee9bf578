// Writes what callers ask and what they are answered, a JSON line each, the moment it happens: so that of a
// process that is killed everything is known that it began.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate::histories {

/// What a call is known by in a history.
struct RecordedCall {
  std::string call;  ///< "authorize"
  std::string key;   ///< whose state it is about
  std::string args;  ///< a JSON object: what the call is to do
  std::string held;  ///< a JSON object: what the caller held, which is no part of the call; or empty
  std::optional<std::string> request_id;
};

/// The answer as JSON, or the error.
using Answer = Result<std::string>;

/// May be used from several threads.
class Recorder {
 public:
  /// Lines go to `file`, each by one write, with times of the machine's steady clock, the same for all its
  /// processes.
  Recorder(int file, int process) : file_(file), process_(process) {}

  /// Before the call. The number that `returns` takes.
  std::uint64_t begins(int client, const RecordedCall& call, Timestamp now);
  void returns(std::uint64_t number, const Answer& answer);

 private:
  void write(const std::string& line) const;

  int file_;
  int process_;
  std::atomic<std::uint64_t> calls_{0};
};

}  // namespace loopstate::histories
