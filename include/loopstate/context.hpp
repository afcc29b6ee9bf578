// A user's context: what an agent knows about a user between two invocations.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/json_text.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

namespace store {
struct ContextAccess;
}  // namespace store

/// Members of a JSON object that this version does not know, in their original order, each as its text. They
/// survive a read-modify-write untouched.
using UnknownFields = std::vector<std::pair<std::string, JsonText>>;

/// Balances in the token's smallest unit.
struct Vault {
  std::uint64_t cred_balance = 0;
  std::uint64_t oxo_balance = 0;
  std::uint64_t total_staked = 0;
  std::uint64_t pending_yield = 0;
  std::uint16_t active_positions = 0;
  Timestamp snapshot_at{};
  UnknownFields unknown;
  friend bool operator==(const Vault&, const Vault&) = default;
};

struct Notifications {
  bool on_capture = true;
  bool on_stake = false;
  bool on_yield = true;
  bool on_unlock = true;
  std::uint64_t min_notify_amount = 1'000'000'000;
  UnknownFields unknown;
  friend bool operator==(const Notifications&, const Notifications&) = default;
};

struct Preferences {
  bool auto_stake = true;
  std::uint16_t default_duration_days = 90;
  bool auto_compound = true;
  std::uint64_t compound_threshold = 10'000'000'000;
  std::string risk_tolerance = "balanced";
  Notifications notifications;
  UnknownFields unknown;
  friend bool operator==(const Preferences&, const Preferences&) = default;
};

struct ContextEvent {
  std::string event_type = {};               ///< 1 to 200 bytes
  Timestamp timestamp{};                     ///< default when adding: now
  std::string summary = {};                  ///< at most 1,024 bytes
  std::optional<std::uint64_t> amount = {};  ///< in the smallest unit of what the event is about
  UnknownFields unknown = {};
  friend bool operator==(const ContextEvent&, const ContextEvent&) = default;
};

/// A value: copy it, change it, hand it back to Store::push. It also carries which write it was read from,
/// which the next write is conditional on; two contexts are equal only if this is equal too.
class Context {
 public:
  UserId pubkey;  ///< whose it is
  Vault vault;
  Preferences preferences;
  std::vector<ContextEvent> recent_events;  ///< newest first, at most 10
  std::map<std::string, JsonText> agent_memory;
  Timestamp updated_at{};
  std::uint64_t version = 0;  ///< 1 for a new user; 0: never stored
  UnknownFields unknown;

  friend bool operator==(const Context&, const Context&) = default;

 private:
  friend struct store::ContextAccess;

  // What the stored row holds beside the JSON.
  struct Row {
    std::vector<std::string> write_ids;  // newest first, at most 16; empty if the Rust crate wrote last
    std::optional<std::vector<std::string>> ring;  // ids of pending captures, oldest first; nothing: unknown
    Timestamp ring_read_at{};  // when the ring was last built from the captures' rows; 0: unknown
    Timestamp updated_at{};    // the row's attribute
    std::string user;          // whose row it is; empty if unknown
    bool stored = false;       // false for a context that was not read from a store
    friend bool operator==(const Row&, const Row&) = default;
  };
  Row row_;
};

/// What the caller gets after a lost race.
struct Conflict {
  Context current;                 ///< as stored now, taken from the refused write's own reply
  std::vector<std::string> paths;  ///< changed by both sides, if the caller handed back what it had read
};

/// One change of a patch: `path` as in "preferences.notifications.on_stake" or "agent_memory.KEY" (everything
/// after the first dot is the key). No value means unset: it restores a field's default or removes a memory
/// key.
struct ContextChange {
  std::string path = {};
  std::optional<JsonText> value = {};
};

/// The context as the JSON text that is stored, and back. `from_json` fails with CorruptItem naming the
/// field.
std::string to_json(const Context& context);
Result<Context> context_from_json(std::string_view text);

/// The JSON of a new user's context.
Context new_context(UserId user, Timestamp now);

}  // namespace loopstate
