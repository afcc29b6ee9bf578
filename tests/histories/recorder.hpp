// Writes what callers ask and what they are answered, one JSON line each, the moment it happens: so that
// everything a killed process began is known.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate::histories {

/// How a history identifies a call.
struct RecordedCall {
  std::string call;  ///< "authorize"
  std::string key;   ///< whose state it is about
  std::string args;  ///< a JSON object: what the call is to do
  std::string held;  ///< a JSON object: what the caller held, which is not part of the call; or empty
  std::optional<std::string> request_id;
};

/// The answer as JSON, or the error.
using Answer = Result<std::string>;

/// May be used from several threads.
class Recorder {
 public:
  /// Lines go to `file`, each in one write, with times of the machine's steady clock, which all its
  /// processes share.
  Recorder(int file, int process) : file_(file), process_(process) {}

  /// Before the call. Returns the number that `returns` takes.
  std::uint64_t begins(int client, const RecordedCall& call, Timestamp now);
  void returns(std::uint64_t number, const Answer& answer);

 private:
  void write(const std::string& line) const;

  int file_;
  int process_;
  std::atomic<std::uint64_t> calls_{0};
};

}  // namespace loopstate::histories
