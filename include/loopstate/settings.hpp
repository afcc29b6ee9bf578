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

/// Looks up a variable; nothing when it is not set. Passed in, so that a test has its own environment.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The process's environment.
Environment process_environment();

inline constexpr std::uint32_t kMaxPendingCaptures = 1'000;
inline constexpr UnixSeconds kMaxLifetime = 315'360'000;  ///< ten years

/// How the rules behave, on any engine. Lifetimes are 1 to kMaxLifetime seconds; Store::open refuses settings
/// that are out of range.
struct StoreSettings {
  std::uint32_t max_pending_captures = 10;   ///< MAX_PENDING_CAPTURES, 1 to kMaxPendingCaptures
  UnixSeconds session_lifetime = 86'400;     ///< SESSION_TTL_SECONDS
  UnixSeconds pending_lifetime = 1'814'400;  ///< PENDING_TTL_SECONDS
  UnixSeconds location_lifetime = 3'600;
  UnixSeconds transaction_lifetime = 2'592'000;
  /// For calls without a deadline or a timeout of their own: 1 ms to kMaxLifetime seconds.
  std::chrono::milliseconds default_timeout{10'000};
};

/// InvalidArgument names the member, its value and the values allowed.
Result<void> check_settings(const StoreSettings& settings);
/// The same for one lifetime, in seconds.
Result<void> check_lifetime(std::string_view name, UnixSeconds lifetime);

enum class OpenMode : bool {
  Existing,        ///< TableNotFound where nothing is there
  CreateIfMissing  ///< an embedded file is made; a DynamoDB table never is (that is `loopstate init`)
};

struct Settings {
  /// LOOPSTATE_URL: "embedded:PATH" or "dynamodb:TABLE". Where it is not set but DYNAMO_TABLE is: "dynamodb:"
  /// and that.
  std::string url = "embedded:./loopstate.db";
  std::string fingerprint_index = "CardFingerprintIndex";  ///< DYNAMO_FINGERPRINT_GSI
  StoreSettings store;

  /// InvalidArgument names the variable, its value and the values allowed. DAX_ENDPOINT is refused.
  static Result<Settings> from_environment(const Environment& environment);
};

}  // namespace loopstate
