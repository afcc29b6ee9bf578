// Makes a history: starts the processes, kills one, puts faults between them and the server, and records what
// they say.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace loopstate::histories {

struct History {
  std::string engine;  ///< "embedded", "dynamodb" or "dax"
  std::string kind;    ///< "sessions", "contexts", "claims", "cards", "ring" or "documents"
  std::uint64_t seed = 0;
  std::string endpoint;  ///< of the DynamoDB server
  bool faults = true;
  bool stale = false;  ///< "embedded", with reads that may be stale from any earlier state
};

/// JSON lines to `out`: one that says which history it is, then each call and each return. Returns a sentence
/// about what went wrong, or an empty text.
std::string make_history(const History& history, std::FILE* out);

}  // namespace loopstate::histories
