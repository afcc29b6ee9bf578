// Session keys: what an agent may do on a user's behalf, for how long and how often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/context.hpp"
#include "loopstate/error.hpp"

namespace loopstate {

struct Session {
  std::string key_pubkey = {};
  std::string vault_pubkey = {};
  std::vector<std::string> scopes = {};
  Timestamp expires_at{};  ///< default when storing: the configured lifetime from now
  Timestamp created_at{};  ///< default when storing: now
  std::uint32_t max_actions = 0;
  std::uint32_t actions_used = 0;
  UnknownFields unknown = {};
  friend bool operator==(const Session&, const Session&) = default;
};

struct Authorization {
  std::uint32_t actions_left = 0;  ///< after this one
};

std::string to_json(const Session& session);
/// CorruptItem names the field.
Result<Session> session_from_json(std::string_view text);

}  // namespace loopstate
