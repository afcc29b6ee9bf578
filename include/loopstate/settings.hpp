// What can be set, where it comes from, and its bounds.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate {

/// Looks up a variable; nothing if it is not set. Passed in, so that a test can supply its own environment.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The process's environment.
Environment process_environment();

inline constexpr std::uint32_t kMaxPendingCaptures = 1'000;
inline constexpr std::chrono::seconds kMaxLifetime = std::chrono::days(3650);

/// How the rules behave, on any engine. Lifetimes are 1 s to kMaxLifetime; Store::open refuses settings
/// that are out of range.
struct StoreSettings {
  std::uint32_t max_pending_captures = 10;  ///< MAX_PENDING_CAPTURES, 1 to kMaxPendingCaptures
  std::chrono::seconds session_lifetime = std::chrono::days(1);   ///< SESSION_TTL_SECONDS
  std::chrono::seconds pending_lifetime = std::chrono::days(21);  ///< PENDING_TTL_SECONDS
  std::chrono::seconds location_lifetime = std::chrono::hours(1);
  std::chrono::seconds transaction_lifetime = std::chrono::days(30);
  /// For calls without their own deadline or timeout: 1 ms to kMaxLifetime.
  std::chrono::milliseconds default_timeout{10'000};
};

/// InvalidArgument names the member, its value and the allowed values.
Result<void> check_settings(const StoreSettings& settings);
/// The same for a single lifetime.
Result<void> check_lifetime(std::string_view name, std::chrono::seconds lifetime);

enum class OpenMode : bool {
  Existing,        ///< TableNotFound if nothing is there
  CreateIfMissing  ///< an embedded file is created; a DynamoDB table never is (that takes `loopstate init`)
};

struct Settings {
  /// LOOPSTATE_URL: "embedded:PATH" or "dynamodb:TABLE". If it is not set but DYNAMO_TABLE is: "dynamodb:"
  /// followed by DYNAMO_TABLE.
  std::string url = "embedded:./loopstate.db";
  std::string fingerprint_index = "CardFingerprintIndex";  ///< DYNAMO_FINGERPRINT_GSI
  /// DAX_ENDPOINT: the DynamoDB Accelerator cluster in front of the table, "dax://HOST[:PORT]" or
  /// "daxs://HOST[:PORT]" (dax://: several of them, separated by commas); empty: none. Opening a DynamoDB
  /// table checks it; an embedded store ignores it.
  std::string dax_endpoint;
  StoreSettings store;

  /// InvalidArgument names the variable, its value and the allowed values.
  static Result<Settings> from_environment(const Environment& environment);
};

}  // namespace loopstate
