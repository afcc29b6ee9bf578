// Which session each user had when it was last seen here. An attempt to spend is bound to one session, so
// that repeating it never spends from the next; knowing which one saves reading it first.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace loopstate::store {

struct SessionPin {
  std::string write_id;            ///< of the write that made the session's row, or adopted it
  std::uint64_t actions_left = 0;  ///< at that time
};

/// A stale one costs a request, never a wrong answer. Thread-safe.
class SessionPins {
 public:
  std::optional<SessionPin> find(const std::string& user);
  void keep(const std::string& user, SessionPin pin);
  void forget(const std::string& user);

 private:
  std::mutex mutex_;
  std::map<std::string, SessionPin> pins_;
};

}  // namespace loopstate::store
